import { setTimeout as pause } from 'node:timers/promises'
import type { BotId } from '@qunhub/wire'
import type { Database } from '../../../gateway/src/store/database/database.ts'

const POLL_EVERY_MS = 100

/** Who runs a bot under which fence, as its row says again and again. */
export interface FenceWatch {
  /** The node of each fence that was seen. */
  readonly nodeOf: ReadonlyMap<number, string>
  stop(): Promise<void>
}

/** Notes as a problem a fence that falls, and one that two nodes have. */
export function watchFences(db: Database, botId: BotId, problems: string[]): FenceWatch {
  const nodeOf = new Map<number, string>()
  let highest = 0
  let watching = true

  const poll = async () => {
    const row = await db.first<{ node_id: string | null; fence: number }>({
      sql: 'select node_id, fence from bot where id = $1',
      parameters: [botId],
    })
    if (!row) return
    const { node_id: node, fence } = row
    if (fence < highest) problems.push(`the fence fell from ${highest} to ${fence}`)
    highest = Math.max(highest, fence)
    if (node === null) return
    const known = nodeOf.get(fence)
    if (known !== undefined && known !== node) problems.push(`two nodes have fence ${fence}`)
    nodeOf.set(fence, node)
  }
  const watched = (async () => {
    while (watching) {
      await poll()
      await pause(POLL_EVERY_MS)
    }
  })()
  watched.catch(failure => problems.push(`nobody watched the fences: ${failure}`))

  return {
    nodeOf,
    async stop() {
      watching = false
      await watched.catch(() => {})
    },
  }
}
