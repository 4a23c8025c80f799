import { Button } from '@mantine/core'
import type { BotLoginRecord, BotRecord } from '@qunhub/wire'
import { useRef } from 'react'
import { ActDialog } from '../frame/act-dialog.tsx'
import { useLive } from '../frame/live.tsx'
import { useNow } from '../frame/moment.tsx'
import { Complaint, Waiting } from '../frame/say.tsx'
import { useMay } from '../frame/session.ts'
import { useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { QrPicture } from './qr-picture.tsx'
import { idToType, nameOf } from './standing.ts'
import { useLogin } from './use-login.ts'
import { VerificationBox } from './verification-box.tsx'

/** Whatever somebody with a phone has to do for a bot; nothing where there is nothing to do. */
export function LoginBox({ bot }: { readonly bot: BotRecord }) {
  const { bots: say } = useWords()
  const may = useMay('operator')
  const { state, verification } = bot.session
  const isWanted = verification !== null || ['awaiting-scan', 'wrong-account', 'logged-out'].includes(state)
  const { login, failure } = useLogin(useWorkspaceId(), bot.id, isWanted && may)
  if (!isWanted) return null
  if (!may)
    return (
      <section className="box">
        <p className="within">{say.operatorsOnly}</p>
      </section>
    )
  return (
    <section className="box">
      <header>
        <h2>{say.login}</h2>
        <span className="grow" />
        {login && <Steps login={login} />}
      </header>
      <Complaint failure={failure} />
      <Paused />
      {!login && !failure && <Waiting rows={5} />}
      {login?.verification && <VerificationBox bot={bot} login={login} />}
      {login?.state === 'wrong-account' && <WrongAccount bot={bot} login={login} />}
      {login && !login.verification && login.state !== 'wrong-account' && <Scan bot={bot} login={login} />}
    </section>
  )
}

/** A code that nobody swaps is soon a dead one: while nothing is asked, that is said, with the way out. */
function Paused() {
  const { bots: say, frame } = useWords()
  const { isPaused, toggle } = useLive()
  if (!isPaused) return null
  return (
    <div className="within row" role="status">
      <span>{say.pausedWhy}</span>
      <Button onClick={toggle}>{frame.resume}</Button>
    </div>
  )
}

/** How far it is: shown, scanned, confirmed, online. */
function Steps({ login: { state, qrcode } }: { readonly login: BotLoginRecord }) {
  const { bots: say } = useWords()
  const now = state === 'online' ? 4 : qrcode?.scan === 'confirmed' ? 3 : qrcode?.scan === 'scanned' ? 2 : 0
  return (
    <ol className="steps" style={{ listStyle: 'none', margin: 0, padding: 0 }}>
      {say.steps.map((step, at) => (
        <li key={step} className={at < now ? 'done' : at === now ? 'now' : ''}>
          {at < now ? '✓ ' : ''}
          {step}
        </li>
      ))}
    </ol>
  )
}

interface OfLogin {
  readonly bot: BotRecord
  readonly login: BotLoginRecord
}

function Scan({ bot, login: { qrcode } }: OfLogin) {
  const { bots: say, frame } = useWords()
  const now = useNow(1000)
  const last = useRef('')
  if (qrcode?.text) last.current = qrcode.text
  const name = bot.account || bot.expectedUserId ? nameOf(bot) : say.anyPhone
  const { isPaused } = useLive()
  const isTimedOut = qrcode !== null && qrcode.text === ''
  const stale = isPaused ? frame.paused : isTimedOut ? say.stale : undefined
  return (
    <div className="login">
      <QrPicture
        text={last.current}
        label={say.qrLabel}
        stale={stale ?? (last.current === '' ? say.waitsForCode : undefined)}
      />
      <div className="stack">
        <h2>{say.scanWith(name)}</h2>
        {qrcode && stale === undefined && (
          <p className="quiet">{say.givenAgo(Math.max(0, Math.round((now - qrcode.givenAt) / 1000)))}</p>
        )}
        {qrcode && (
          <p role="status">
            <span className="tag info" style={{ whiteSpace: 'normal' }}>
              {say.scan[qrcode.scan]}
            </span>
          </p>
        )}
        <p className="quiet">{say.codeHelp}</p>
        <p className="quiet">{say.wrongHelp}</p>
      </div>
    </div>
  )
}

/** Both names, and two ways out. */
function WrongAccount({ bot, login: { otherAccount } }: OfLogin) {
  const { bots: say } = useWords()
  const workspace = useWorkspaceId()
  const other = otherAccount ? `${otherAccount.nickName} (${otherAccount.userId})` : '?'
  const fixed = { workspace, bot: bot.id }
  return (
    <div className="within stack">
      <h2>{say.wrongTitle}</h2>
      <p>{say.wrongWhy(`${nameOf(bot)} (${idToType(bot)})`, other)}</p>
      <div className="row">
        {otherAccount && (
          <ActDialog
            verb="accept-account"
            label={say.accept(other)}
            needs="owner"
            fixed={{ ...fixed, account: otherAccount.wxid as never }}
          >
            <p>{say.acceptWhy}</p>
          </ActDialog>
        )}
        <ActDialog verb="logout-bot" label={say.letGo} needs="operator" isMain fixed={fixed}>
          <p>{say.wrongHelp}</p>
        </ActDialog>
      </div>
    </div>
  )
}
