import type { BotRecord } from '@qunhub/wire'
import { reasonWords } from '@qunhub/wire/words'
import { useVerb } from '../api/use-verb.ts'
import { ActDialog } from '../frame/acting/act-dialog.tsx'
import { Ago, Since } from '../frame/moment.tsx'
import { PageLink } from '../frame/page-link.tsx'
import { Failure, Nothing, Waiting } from '../frame/say.tsx'
import { useWorkspaceId } from '../frame/url-state.ts'
import { usePreferences, useWords } from '../preferences/use-preferences.tsx'
import { showCount } from '../show/moment.ts'
import { inLanguage } from '../words/in-language.ts'
import type { Words } from '../words/words.ts'
import { nameOf, standingOf } from './standing.ts'
import { TryPuppet } from './try-puppet.tsx'

/** WeCom's advice; beyond it an account is watched. */
const ADDITIONS_PER_MINUTE_ADVISED = 50

/** As many as tell nodes apart; the whole id is the title. */
const NODE_CHARACTERS_SHOWN = 8

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
  const { data, error, refetch } = useVerb('list-bots', { workspace, countRooms: true })
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
        {data && data.bots.length > 0 && (
          <div className="scrolls">
            <BotTable bots={data.bots} />
          </div>
        )}
      </section>
    </>
  )
}

/** `isBrief`: without what only a list of nothing but bots has room for. */
export function BotTable({
  bots,
  isBrief = false,
}: {
  readonly bots: readonly BotRecord[]
  readonly isBrief?: boolean
}) {
  const { bots: say } = useWords()
  return (
    <table className="fold">
      <thead>
        <tr>
          <th>{say.account}</th>
          <th>{say.state}</th>
          <th>{say.reason}</th>
          <th>{say.heardAt}</th>
          {!isBrief && (
            <>
              <th className="num">{say.rooms}</th>
              <th className="breaks">{say.additions}</th>
              <th>{say.endpoint}</th>
              <th>{say.node}</th>
            </>
          )}
        </tr>
      </thead>
      <tbody>
        {bots.map(bot => (
          <Row key={bot.id} bot={bot} isBrief={isBrief} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ bot, isBrief }: { readonly bot: BotRecord; readonly isBrief: boolean }) {
  const { words, language } = usePreferences()
  const { bots: say, frame } = words
  const { session, account, rooms, heardAt, node, additionsInLastMinute: additions } = bot
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
      <td className="hide wraps reason" title={session.reason}>
        {session.reason === '' ? frame.none : inLanguage(reasonWords(session.reason), language)}
      </td>
      <td className="hide">{heardAt === null ? frame.none : <Ago at={heardAt} />}</td>
      {!isBrief && (
        <>
          <td className="num hide">
            {rooms ? `${showCount(rooms.count)}${rooms.atLeast ? '+' : ''}` : frame.none}
          </td>
          <td className="hide">
            {additions === null ? frame.none : `${additions} / ${ADDITIONS_PER_MINUTE_ADVISED}`}
          </td>
          <td className="hide mono">{bot.endpoint || bot.discovery}</td>
          <td className="hide mono" title={node ?? undefined}>
            {node?.slice(0, NODE_CHARACTERS_SHOWN) ?? frame.none}
          </td>
        </>
      )}
    </tr>
  )
}

export function BotTag({ session }: { readonly session: BotRecord['session'] }) {
  const { bots: say } = useWords()
  const { tone, word } = standingOf(session, say)
  return <span className={`tag ${tone}`}>{word}</span>
}
