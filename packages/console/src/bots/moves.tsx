import type { BotMoveRecord } from '@qunhub/wire'
import { reasonWords } from '@qunhub/wire/words'
import { Moment } from '../frame/moment.tsx'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { inLanguage } from '../words/in-language.ts'

const MARKS: Readonly<Partial<Record<BotMoveRecord['to'], string>>> = {
  online: 'g',
  'awaiting-scan': 'w',
  reconnecting: 'w',
  offline: 'r',
  'logged-out': 'r',
  'wrong-account': 'r',
  occupied: 'r',
}

/** What became of a bot lately, newest first. */
export function Moves({ moves }: { readonly moves: readonly BotMoveRecord[] }) {
  const { words, language } = usePreferences()
  const { bots: say } = words
  return (
    <section className="box">
      <header>
        <h2>{say.story}</h2>
      </header>
      <ol className="line">
        {moves.map(({ ordinal, at, to, reason, scan, attempt, wxid, missed }) => (
          <li key={ordinal} className={MARKS[to] ?? ''}>
            <Moment at={at} /> {say.states[to]}
            {scan && <small>{say.scan[scan]}</small>}
            {reason !== '' && <small>{inLanguage(reasonWords(reason), language)}</small>}
            {attempt !== null && <small>{say.attemptN(attempt)}</small>}
            {wxid !== null && <small className="mono">{wxid}</small>}
            {missed > 0 && <small>{say.missed(missed)}</small>}
          </li>
        ))}
      </ol>
    </section>
  )
}
