import type { ChatId, WorkspaceId } from '@qunhub/wire'
import { LRUCache } from 'lru-cache'
import { toRoomRow } from '../model/room.ts'
import type { Queryable } from '../store/database/database.ts'
import { type ChatRevision, readChats } from '../store/rooms/rooms.ts'
import type { ListTurn } from './list-turns.ts'
import type { RowFile } from './row-file.ts'

/**
 * A room is rendered once per revision, however many lists want it at once. The store answers lists with (chatId, revision)
 * only; the bytes come from here and are checked by revision, so that the cache can be cold but never stale. What memory has
 * no room for any more goes into a file, and comes back from there when it is wanted again soon.
 */
export interface RowCache {
  /**
   * The rows as bytes, in the order of `chats`, each with a comma in front of it: the list's writer cuts the first one
   * off. A chat that has just disappeared is left out. Between two pieces of work others may have their turn.
   */
  rows(
    workspaceId: WorkspaceId,
    chats: readonly ChatRevision[],
    turn: Pick<ListTurn, 'giveWay'>,
  ): Promise<Buffer[]>
  /** The same, if memory has all of them. */
  inMemory(workspaceId: WorkspaceId, chats: readonly ChatRevision[]): Buffer[] | null
}

/** Rendered, or gone. */
type Row = Buffer | null

interface RenderedRow {
  readonly revision: string
  readonly bytes: Buffer
}

export interface RowCacheSettings {
  readonly db: Queryable
  readonly file: Pick<RowFile, 'find' | 'keep'>
  readonly bytesMax: number
  /**
   * Chats that are read with one question. Where the store is in this process a question more costs nothing, and while it
   * answers nobody else has a turn: a room of 500 takes 2 ms.
   */
  readonly chatsPerRead: number
}

/** Between two of so many rows that are at hand others may have their turn: from a disk that is slow they take long. */
const ROWS_AT_A_TIME = 16

export function createRowCache({ db, file, bytesMax, chatsPerRead }: RowCacheSettings): RowCache {
  const rendered = new LRUCache<string, RenderedRow>({
    maxSize: bytesMax,
    sizeCalculation: row => row.bytes.length + 256,
    dispose: (row, key, why) => {
      if (why === 'evict') file.keep(key, row.revision, row.bytes)
    },
  })
  /** What is being rendered at this moment: whoever wants the same waits for it. */
  const underWay = new Map<string, Promise<ReadonlyMap<ChatId, Buffer>>>()

  // The key has the workspace in it: a chat id that another workspace guessed finds nothing (G-11).
  function cached(workspaceId: WorkspaceId, { chatId, revision }: ChatRevision): Buffer | undefined {
    const key = workspaceId + chatId
    const row = rendered.get(key)
    if (row && row.revision === revision) return row.bytes
    const found = file.find(key, revision)
    // Sooner than memory would have forgotten it. A copy, because what is found shares its memory with others.
    if (found && found.findsAgo < rendered.size)
      rendered.set(key, { revision, bytes: Buffer.from(found.bytes) })
    return found?.bytes
  }

  async function atHand(
    workspaceId: WorkspaceId,
    chats: readonly ChatRevision[],
    turn: Pick<ListTurn, 'giveWay'>,
  ): Promise<(Row | undefined)[]> {
    const rows: (Row | undefined)[] = []
    for (const chat of chats) {
      if (rows.length > 0 && rows.length % ROWS_AT_A_TIME === 0) await turn.giveWay()
      rows.push(cached(workspaceId, chat))
    }
    return rows
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

  async function renderOnce(workspaceId: WorkspaceId, chats: readonly ChatRevision[]): Promise<Row[]> {
    const keyOf = ({ chatId, revision }: ChatRevision) => `${workspaceId}${chatId} ${revision}`
    const mine = chats.filter(chat => !underWay.has(keyOf(chat)))
    if (mine.length > 0) {
      const rendering = render(workspaceId, mine).finally(() => {
        for (const chat of mine) underWay.delete(keyOf(chat))
      })
      for (const chat of mine) underWay.set(keyOf(chat), rendering)
    }
    return Promise.all(chats.map(async chat => (await underWay.get(keyOf(chat))!).get(chat.chatId) ?? null))
  }

  return {
    inMemory(workspaceId, chats) {
      const rows: Buffer[] = []
      for (const { chatId, revision } of chats) {
        const row = rendered.get(workspaceId + chatId)
        if (row?.revision !== revision) return null
        rows.push(row.bytes)
      }
      return rows
    },
    async rows(workspaceId, chats, turn) {
      const rows = await atHand(workspaceId, chats, turn)
      for (let open = missingIn(rows); open.length > 0; open = missingIn(rows)) {
        const some = open.slice(0, chatsPerRead)
        const fresh = await renderOnce(
          workspaceId,
          some.map(at => chats[at]!),
        )
        for (const [n, at] of some.entries()) rows[at] = fresh[n]!
        if (open.length === some.length) break
        await turn.giveWay()
        // Others may have rendered the same meanwhile.
        for (const at of open.slice(some.length)) rows[at] = cached(workspaceId, chats[at]!)
      }
      return rows.filter(row => row !== null && row !== undefined)
    },
  }
}

const missingIn = (rows: readonly (Row | undefined)[]): number[] =>
  rows.flatMap((row, at) => (row === undefined ? [at] : []))
