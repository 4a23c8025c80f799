import type { BotId, BotLoginRecord, BotRecord, BotSessionRecord } from '@qunhub/wire'
import { type Bot, type BotAccount, type BotSession, deafnessOf } from '../model/bot.ts'
import { isPrivateLink } from '../model/private-link.ts'
import type { SavedSession } from '../store/bots.ts'

/** A bot as operators see it: without its puppet token. */
export const presentBot = (
  { id, workspaceId, address, expectedUserId, account, createdAt }: Bot,
  session: BotSessionRecord,
  additionsInLastMinute: number | null,
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
  createdAt,
})

const presentAccount = ({ wxid, userId, nickName, kind }: BotAccount) => ({ wxid, userId, nickName, kind })

export const presentSession = (session: BotSession): BotSessionRecord => ({
  state: session.state,
  since: 'since' in session ? session.since : null,
  reason: 'reason' in session ? session.reason : '',
  qrcode: (session.state === 'awaiting-scan' && codeOf(session)) || null,
  deaf: deafnessOf(session),
})

/** What is known of a bot that nobody runs: the session that its last move left. */
export const presentSaved = (saved: SavedSession | undefined): BotSessionRecord => ({
  state: saved?.state ?? 'new',
  since: saved?.since ?? null,
  reason: saved?.reason ?? '',
  qrcode: null,
  deaf: null,
})

export function presentLogin(id: BotId, session: BotSession): BotLoginRecord {
  const { state, since, reason } = presentSession(session)
  const shown = session.state === 'awaiting-scan' ? session : null
  return {
    id,
    state,
    since,
    reason,
    account: session.state === 'online' ? presentAccount(session.account) : null,
    otherAccount: session.state === 'wrong-account' ? presentAccount(session.account) : null,
    qrcode: shown && { text: codeOf(shown), givenAt: shown.givenAt, scan: shown.scan },
    // Whatever a person would want to hear of; another try to reconnect is none of it.
    seen: [state, since, shown?.givenAt, shown?.scan].join(' ').trimEnd(),
  }
}

/** Empty when it has timed out: nobody should be shown what he can only scan in vain. */
const codeOf = ({ qrcode, scan }: BotSession & { state: 'awaiting-scan' }): string =>
  scan === 'timed-out' ? '' : qrcode
