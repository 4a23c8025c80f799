import { Button } from '@mantine/core'
import type { BotLoginRecord, BotRecord } from '@qunhub/wire'
import { useRef } from 'react'
import { useLive } from '../frame/live.tsx'
import { useNow } from '../frame/moment.tsx'
import { Complaint, Waiting } from '../frame/say.tsx'
import { useMay } from '../frame/session.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { staleOf, wantsSomebody } from './code-shown.ts'
import { QrPicture } from './qr-picture.tsx'
import { nameOf } from './standing.ts'
import type { Watched } from './use-login.ts'
import { VerificationBox } from './verification-box.tsx'
import { WrongAccount } from './wrong-account.tsx'

interface LoginBoxProps {
  readonly bot: BotRecord
  readonly watched: Watched
}

/** Whatever somebody with a phone has to do for a bot; nothing where there is nothing to do. */
export function LoginBox({ bot, watched }: LoginBoxProps) {
  const { bots: say } = useWords()
  const may = useMay('operator')
  const { login, failure } = watched
  if (!wantsSomebody(login ?? bot.session)) return null
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
      {login && <What bot={bot} login={login} watched={watched} />}
    </section>
  )
}

interface OfLogin extends LoginBoxProps {
  readonly login: BotLoginRecord
}

function What({ bot, login, watched }: OfLogin) {
  const { bots: say, frame } = useWords()
  const now = useNow(1000)
  const { isPaused } = useLive()
  const why = staleOf(login, { ...watched, isPaused, now })
  const stale = why === null ? undefined : why === 'paused' ? frame.paused : say.staleFor[why]
  if (login.verification) return <VerificationBox bot={bot} login={login} now={now} stale={stale} />
  if (login.state === 'wrong-account') return <WrongAccount bot={bot} login={login} />
  return <Scan bot={bot} login={login} now={now} stale={stale} />
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

interface ScanProps {
  readonly bot: BotRecord
  readonly login: BotLoginRecord
  readonly now: number
  readonly stale: string | undefined
}

/** The code that counts now. One whose time is over stays, grey, until the next one takes its place. */
function Scan({ bot, login: { qrcode }, now, stale }: ScanProps) {
  const { bots: say } = useWords()
  const last = useRef('')
  if (qrcode?.text) last.current = qrcode.text
  const name = bot.account || bot.expectedUserId ? nameOf(bot) : say.anyPhone
  return (
    <div className="login">
      <QrPicture text={last.current} label={say.qrLabel} stale={stale} />
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
