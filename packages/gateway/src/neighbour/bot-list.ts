import type { BotRow } from '@qunhub/wire'
import { listSeenBots, type SeenBot } from '../store/bots/seen-bots.ts'
import type { Queryable } from '../store/database/database.ts'
import type { Caller } from './page.ts'

/** GET /bot/list: the accounts that have logged in, oldest first, as they were seen last (NB-3). */
export async function listBots({ workspaceId }: Caller, db: Queryable): Promise<BotRow[]> {
  return (await listSeenBots(db, workspaceId)).map(toRow)
}

const toRow = ({ id, wxid, userId, nickName, avatarUrl, state, isRun, corporation }: SeenBot): BotRow => ({
  id,
  wxid,
  weixin: userId,
  wecomUserId: userId,
  name: nickName,
  nickName,
  avatar: avatarUrl,
  online: isRun && state === 'online',
  // What nobody runs any more is not what its last move left.
  status: isRun ? state : 'offline',
  corpId: '',
  corpName: corporation,
})
