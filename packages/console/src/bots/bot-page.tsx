import { notifications } from '@mantine/notifications'
import type { BotRecord } from '@qunhub/wire'
import { reasonWords } from '@qunhub/wire/words'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useEffect } from 'react'
import { Refused } from '../api/failures.ts'
import { useAct, useVerb } from '../api/use-verb.ts'
import { ActButton } from '../frame/acting/act-button.tsx'
import { ActDialog } from '../frame/acting/act-dialog.tsx'
import { Copyable } from '../frame/copyable.tsx'
import { Ago, Since } from '../frame/moment.tsx'
import { PageLink } from '../frame/page-link.tsx'
import { Complaint, Failure, Nothing, Waiting } from '../frame/say.tsx'
import { useMay } from '../frame/session.ts'
import { useWorkspaceId } from '../frame/url-state.ts'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { showCount } from '../show/moment.ts'
import { inLanguage } from '../words/in-language.ts'
import { BotTag, botFields } from './bots-page.tsx'
import { LoginBox } from './login-box.tsx'
import { Moves } from './moves.tsx'
import { idToType, nameOf, sentenceOf } from './standing.ts'
import { TryPuppet } from './try-puppet.tsx'
import { useLogin } from './use-login.ts'

const MOVES_SHOWN = 50
const LOOK_EVERY_MS = 2_000

export function BotPage() {
  const { bots: say } = usePreferences().words
  const workspace = useWorkspaceId()
  const { bot: id } = useParams({ strict: false }) as { bot: string }
  const watched = useLogin(workspace, id, useMay('operator'))
  const { data, error, refetch, isPlaceholderData } = useVerb(
    'show-bot',
    { workspace, bot: id, limit: MOVES_SHOWN },
    { every: LOOK_EVERY_MS },
  )
  // What the phone has done is heard first; the rest of the page follows at once.
  const seen = watched.login?.seen
  useEffect(() => {
    if (seen !== undefined) void refetch()
  }, [seen, refetch])
  if (error instanceof Refused && error.refused === 'bot-unknown')
    return (
      <Nothing title={say.unknown}>
        <PageLink page="bots">{say.toList}</PageLink>
      </Nothing>
    )
  if (!data || isPlaceholderData)
    return error ? <Failure failure={error} again={() => void refetch()} /> : <Waiting rows={10} />
  const { bot, live, moves } = data
  return (
    <>
      <div className="head">
        <h1>
          {nameOf(bot)} <span className="mono quiet">{bot.account?.userId}</span>
        </h1>
        <BotTag session={bot.session} />
        <span className="grow" />
        <Actions bot={bot} />
      </div>
      {error && <Complaint failure={error} />}
      <div className="split">
        <div className="stack">
          <LoginBox bot={bot} watched={watched} />
          <Facts bot={bot} live={live} />
        </div>
        <Moves moves={moves} />
      </div>
    </>
  )
}

function Facts({ bot, live }: { readonly bot: BotRecord; readonly live: boolean }) {
  const { words, language } = usePreferences()
  const { bots: say, frame } = words
  const { session, account } = bot
  return (
    <section className="box">
      <header>
        <h2>{sentenceOf(session, say)}</h2>
      </header>
      {!live && <p className="within">{say.notLive}</p>}
      <dl className="facts">
        <dt>{say.state}</dt>
        <dd>
          <BotTag session={session} /> {say.since} <Since at={session.since} />
        </dd>
        {session.reason !== '' && (
          <>
            <dt>{say.reason}</dt>
            <dd>{inLanguage(reasonWords(session.reason), language)}</dd>
          </>
        )}
        <dt>{say.account}</dt>
        <dd>
          {account === null ? (
            say.nobody
          ) : (
            <>
              {account.nickName} <Copyable text={account.userId} /> <Copyable text={account.wxid} />
            </>
          )}
        </dd>
        <dt>{say.expected}</dt>
        <dd>{bot.expectedUserId === null ? frame.none : <Copyable text={bot.expectedUserId} />}</dd>
        <dt>{say.rooms}</dt>
        <dd>
          <PageLink page="rooms" search={{ bot: bot.id }}>
            {bot.rooms ? `${showCount(bot.rooms.count)}${bot.rooms.atLeast ? '+' : ''}` : frame.none}
          </PageLink>
        </dd>
        <dt>{say.heardAt}</dt>
        <dd>{bot.heardAt === null ? frame.none : <Ago at={bot.heardAt} />}</dd>
        <dt>{say.node}</dt>
        <dd className="mono">{bot.node ?? frame.none}</dd>
        <dt>{say.endpoint}</dt>
        <dd>
          <code>{bot.endpoint || bot.discovery}</code> {bot.tls && <span className="tag mute">TLS</span>}{' '}
          {bot.isPlainAbroad && <span className="tag bad">{say.plainAbroad}</span>}
        </dd>
        <dt>botId</dt>
        <dd>
          <Copyable text={bot.id} />
        </dd>
      </dl>
    </section>
  )
}

function Actions({ bot }: { readonly bot: BotRecord }) {
  const { bots: say } = usePreferences().words
  const workspace = useWorkspaceId()
  const navigate = useNavigate()
  const fixed = { workspace, bot: bot.id }
  const sync = useAct('sync-bot', { onDone: () => notifications.show({ message: say.synced }) })
  return (
    <>
      <Complaint failure={sync.error} />
      <ActButton verb="sync-bot" needs="operator" doing={sync} input={fixed}>
        {say.sync}
      </ActButton>
      <ActDialog
        verb="set-bot"
        label={say.change}
        needs="owner"
        fixed={fixed}
        fields={[
          ...botFields(say, false),
          { name: 'tls', label: say.fieldTls, kind: 'switch', initial: bot.tls },
        ]}
        beside={input => (
          <TryPuppet given={input} expected={input.userId ?? bot.expectedUserId ?? bot.account?.userId} />
        )}
      >
        <p>{say.setWhy}</p>
      </ActDialog>
      <ActDialog verb="logout-bot" label={say.logout} needs="operator" fixed={fixed} confirm={idToType(bot)}>
        <p>{say.logoutWhy}</p>
      </ActDialog>
      <ActDialog
        verb="remove-bot"
        label={say.remove}
        needs="owner"
        fixed={fixed}
        confirm={idToType(bot)}
        onDone={() => void navigate({ to: `/w/${workspace}/bots` })}
      >
        <p>{say.removeWhy}</p>
      </ActDialog>
    </>
  )
}
