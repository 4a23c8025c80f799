import type { AttemptRecord } from '@qunhub/wire'
import { Moment } from '../frame/moment.tsx'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { showCount } from '../show/moment.ts'
import type { ShownCallback } from './callback-panel.tsx'
import { whyNoAnswer } from './sentence.ts'

/** What became of it, from the commit that owed it to what comes next. */
export function StoryTab({ callback }: { readonly callback: ShownCallback }) {
  const { callbacks: say } = usePreferences().words
  const { history, owedAt, state, dueAt, attempts } = callback
  return (
    <ol className="line">
      <li>
        <Moment at={owedAt} /> {say.owed}
      </li>
      {history.length === 0 && state !== 'due' && <li>{say.notTried}</li>}
      {history.map(attempt => (
        <Attempt key={`${attempt.n} ${attempt.startedAt}`} attempt={attempt} />
      ))}
      {state === 'due' && (
        <li className="w">
          <Moment at={dueAt} /> {say.nextAttempt(attempts + 1)}
        </li>
      )}
    </ol>
  )
}

function Attempt({ attempt }: { readonly attempt: AttemptRecord }) {
  const { words, language } = usePreferences()
  const { callbacks: say } = words
  const { n, startedAt, ms, status, snippet } = attempt
  const isTaken = status !== null && status >= 200 && status < 300
  return (
    <li className={isTaken ? 'g' : 'r'}>
      <Moment at={startedAt} /> {say.attempt(n)} · <b>{status ?? whyNoAnswer(attempt, language)}</b> ·{' '}
      {showCount(ms)} {say.ms}
      {snippet && <small className="mono">{snippet}</small>}
    </li>
  )
}
