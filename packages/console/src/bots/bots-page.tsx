import type { BotRecord } from '@qunhub/wire'
import { reasonWords } from '@qunhub/wire/words'
import { useVerb } from '../api/use-verb.ts'
import { ActDialog } from '../frame/act-dialog.tsx'
import { Since } from '../frame/moment.tsx'
import { PageLink } from '../frame/page-link.tsx'
import { Failure, Nothing, Waiting } from '../frame/say.tsx'
import { useWorkspaceId } from '../frame/url-state.ts'
import { usePreferences, useWords } from '../preferences/use-preferences.tsx'
import { inLanguage } from '../words/in-language.ts'
import type { Words } from '../words/words.ts'
import { nameOf, standingOf } from './standing.ts'
import { TryPuppet } from './try-puppet.tsx'

/** WeCom's advice; beyond it an account is watched. */
const ADDITIONS_PER_MINUTE_ADVISED = 50

export const botFields = (say: Words['bots'], isNew: boolean) =>
  [
    { name: 'endpoint', label: say.fieldEndpoint, kind: 'text', hint: '10.0.0.8:18788' },
    { name: 'discovery', label: say.fieldDiscovery, kind: 'text' },
    { name: 'token', label: say.fieldToken, kind: 'secret', required: isNew },
    { name: 'userId', label: say.fieldUserId, kind: 'text' },
  ] as const

export function BotsPage() {
  const { bots: say, frame } = useWords()
  const workspace = useWorkspaceId()
  const { data, error, refetch } = useVerb('list-bots', { workspace })
  const add = (
    <ActDialog
      verb="add-bot"
      label={say.add}
      needs="owner"
      isMain
      fixed={{ workspace }}
      fields={[...botFields(say, true), { name: 'tls', label: say.fieldTls, kind: 'switch', initial: false }]}
      beside={input => <TryPuppet given={input} expected={input.userId} />}
    />
  )
  return (
    <>
      <div className="head">
        <h1>{frame.pages.bots}</h1>
        <span className="grow" />
        {add}
      </div>
      <section className="box" aria-label={frame.pages.bots}>
        {error && <Failure failure={error} again={() => void refetch()} />}
        {!data && !error && <Waiting />}
        {data?.bots.length === 0 && (
          <Nothing title={say.none}>
            <p>{say.noneWhy}</p>
          </Nothing>
        )}
        {data && data.bots.length > 0 && <BotTable bots={data.bots} />}
      </section>
    </>
  )
}

export function BotTable({ bots }: { readonly bots: readonly BotRecord[] }) {
  const { bots: say } = useWords()
  return (
    <table className="fold">
      <thead>
        <tr>
          <th>{say.account}</th>
          <th>{say.state}</th>
          <th>{say.reason}</th>
          <th>{say.additions}</th>
          <th>{say.endpoint}</th>
        </tr>
      </thead>
      <tbody>
        {bots.map(bot => (
          <Row key={bot.id} bot={bot} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ bot }: { readonly bot: BotRecord }) {
  const { words, language } = usePreferences()
  const { bots: say, frame } = words
  const { session, account, additionsInLastMinute: additions } = bot
  return (
    <tr className="picks">
      <td>
        <PageLink isRow page={`bots/${bot.id}`}>
          {nameOf(bot)}
        </PageLink>{' '}
        <span className="mono quiet">{account?.userId ?? say.nobody}</span>
      </td>
      <td>
        <BotTag session={session} /> <Since at={session.since} />
      </td>
      <td className="hide wraps" title={session.reason}>
        {session.reason === '' ? frame.none : inLanguage(reasonWords(session.reason), language)}
      </td>
      <td className="hide">
        {additions === null ? frame.none : `${additions} / ${ADDITIONS_PER_MINUTE_ADVISED}`}
      </td>
      <td className="hide mono">{bot.endpoint || bot.discovery}</td>
    </tr>
  )
}

export function BotTag({ session }: { readonly session: BotRecord['session'] }) {
  const { bots: say } = useWords()
  const { tone, word } = standingOf(session, say)
  return <span className={`tag ${tone}`}>{word}</span>
}
