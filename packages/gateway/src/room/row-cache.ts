import type { ChatId, WorkspaceId } from '@qunhub/wire'
import { LRUCache } from 'lru-cache'
import { toRoomRow } from '../model/room.ts'
import type { Database } from '../store/database.ts'
import { type ChatRevision, readChats } from '../store/rooms.ts'

/**
 * A room is rendered once per revision. The store answers lists with (chatId, revision) only; the bytes come from
 * here and are checked by revision, so that the cache can be cold but never stale.
 */
export interface RowCache {
  /**
   * The rows as bytes, in the order of `chats`, each with a comma in front of it: the list's writer cuts the first one
   * off. A chat that has just disappeared is left out.
   */
  rows(workspaceId: WorkspaceId, chats: readonly ChatRevision[]): Promise<Buffer[]>
}

interface RenderedRow {
  readonly revision: string
  readonly bytes: Buffer
}

export function createRowCache({ db, bytesMax }: { db: Database; bytesMax: number }): RowCache {
  const rendered = new LRUCache<string, RenderedRow>({
    maxSize: bytesMax,
    sizeCalculation: row => row.bytes.length + 256,
  })

  // The key has the workspace in it: a chat id that another workspace guessed finds nothing (G-11).
  const cached = (workspaceId: WorkspaceId, { chatId, revision }: ChatRevision): Buffer | undefined => {
    const row = rendered.get(workspaceId + chatId)
    return row && row.revision === revision ? row.bytes : undefined
  }

  async function render(
    workspaceId: WorkspaceId,
    chats: readonly ChatRevision[],
  ): Promise<Map<ChatId, Buffer>> {
    const revisions = new Map(chats.map(chat => [chat.chatId, chat.revision]))
    const fresh = new Map<ChatId, Buffer>()
    for (const chat of await readChats(db, workspaceId, [...revisions.keys()])) {
      const bytes = Buffer.from(`,${JSON.stringify(toRoomRow(chat))}`)
      fresh.set(chat.chatId, bytes)
      rendered.set(workspaceId + chat.chatId, { revision: revisions.get(chat.chatId)!, bytes })
    }
    return fresh
  }

  return {
    async rows(workspaceId, chats) {
      const found = chats.map(chat => cached(workspaceId, chat))
      if (found.every(bytes => bytes !== undefined)) return found

      const missing = chats.filter((_, index) => found[index] === undefined)
      const fresh = await render(workspaceId, missing)
      return chats.flatMap((chat, index) => found[index] ?? fresh.get(chat.chatId) ?? [])
    },
  }
}
