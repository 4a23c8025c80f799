import type { BotRecord, BotSessionRecord } from '@qunhub/wire'
import { type Bot, type BotSession, deafnessOf } from '../model/bot.ts'

/** A bot as operators see it: without its puppet token. */
export const presentBot = (
  { id, workspaceId, address, expectedUserId, account, createdAt }: Bot,
  session: BotSessionRecord,
): BotRecord => ({
  id,
  workspaceId,
  endpoint: address.endpoint,
  tls: address.tls,
  expectedUserId,
  account: account && {
    wxid: account.wxid,
    userId: account.userId,
    nickName: account.nickName,
    kind: account.kind,
  },
  session,
  createdAt,
})

export const presentSession = (session: BotSession): BotSessionRecord => ({
  state: session.state,
  since: 'since' in session ? session.since : null,
  reason: 'reason' in session ? session.reason : '',
  qrcode: 'qrcode' in session ? session.qrcode : null,
  deaf: deafnessOf(session),
})
