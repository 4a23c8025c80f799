import type { BotId, BotLoginRecord, BotRecord, BotSessionRecord } from '@qunhub/wire'
import { type Bot, type BotAccount, type BotSession, deafnessOf, type ScanProgress } from '../model/bot.ts'
import { isPrivateLink } from '../model/private-link.ts'
import { isOver, VERIFY_WITHIN_MS, type Verification } from '../model/verification.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import type { SavedSession } from '../store/bots/bot-sessions.ts'

/** A bot as operators see it: without its puppet token. */
export const presentBot = (
  { id, workspaceId, address, expectedUserId, account, createdAt }: Bot,
  session: BotSessionRecord,
  additionsInLastMinute: number | null,
  { heardAt = null, node = null, rooms = null }: Beside = {},
): BotRecord => ({
  id,
  workspaceId,
  endpoint: address.endpoint ?? '',
  discovery: address.discovery ?? null,
  isPlainAbroad: !address.tls && !isPrivateLink(address.endpoint ?? address.discovery),
  tls: address.tls,
  expectedUserId,
  account: account && presentAccount(account),
  session,
  additionsInLastMinute,
  heardAt,
  node,
  rooms,
  createdAt,
})

/** What is known of it besides. */
export type Beside = { readonly [fact in 'heardAt' | 'node' | 'rooms']?: BotRecord[fact] | undefined }

const presentAccount = ({ wxid, userId, nickName, kind }: BotAccount) => ({ wxid, userId, nickName, kind })

export const presentSession = ({
  session,
  verification,
}: Pick<HostedBot, 'session' | 'verification'>): BotSessionRecord => ({
  state: session.state,
  since: 'since' in session ? session.since : null,
  reason: 'reason' in session ? session.reason : '',
  qrcode: qrcodeOf(session, verification)?.text || null,
  verification: verification && !isOver(verification) ? verification.by : null,
  deaf: deafnessOf(session),
})

/** What is known of a bot that nobody runs: the session that its last move left. */
export const presentSaved = (saved: SavedSession | undefined): BotSessionRecord => ({
  state: saved?.state ?? 'new',
  since: saved?.since ?? null,
  reason: saved?.reason ?? '',
  qrcode: null,
  verification: null,
  deaf: null,
})

export function presentLogin(
  id: BotId,
  { session, verification }: Pick<HostedBot, 'session' | 'verification'>,
): BotLoginRecord {
  const { state, since, reason } = presentSession({ session, verification })
  const qrcode = qrcodeOf(session, verification)
  return {
    id,
    state,
    since,
    reason,
    account: session.state === 'online' ? presentAccount(session.account) : null,
    otherAccount: session.state === 'wrong-account' ? presentAccount(session.account) : null,
    qrcode,
    verification: verification && presentVerification(verification),
    // Whatever a person would want to hear of; another try to reconnect is none of it.
    seen: [state, since, qrcode?.givenAt, qrcode?.scan, verification?.givenAt, verification?.progress]
      .join(' ')
      .trimEnd(),
  }
}

/** What is to be scanned: for a verification while one is wanted, else for the login. */
function qrcodeOf(session: BotSession, verification: Verification | null): BotLoginRecord['qrcode'] {
  const { text, givenAt, progress } = verification ?? { text: '', givenAt: 0, progress: 'waiting' }
  if (verification?.by !== 'slide' && text !== '' && progress !== 'wrong-code')
    return { text: shownWhile(progress, text), givenAt, scan: progress }
  if (session.state !== 'awaiting-scan') return null
  const { qrcode, scan } = session
  return { text: shownWhile(scan, qrcode), givenAt: session.givenAt, scan }
}

/** Empty when it has timed out: nobody should be shown what he can only scan in vain. */
const shownWhile = (scan: ScanProgress, text: string): string => (scan === 'timed-out' ? '' : text)

const presentVerification = ({ by, text, message, givenAt, progress }: Verification) => ({
  by,
  address: by === 'slide' ? text : '',
  message,
  givenAt,
  until: givenAt + VERIFY_WITHIN_MS,
  progress,
})
