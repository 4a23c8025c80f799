import type { ChatId, WorkspaceId } from '@qunhub/wire'
import { LRUCache } from 'lru-cache'
import { toRoomRow } from '../model/room.ts'
import type { Queryable } from '../store/database/database.ts'
import { type ChatRevision, readChats } from '../store/rooms/rooms.ts'
import { deflatePiece, type Piece } from '../system/spliced-gzip.ts'
import type { ListTurn } from './list-turns.ts'
import type { RowFile } from './row-file.ts'
import { type Cut, createRowMemory, type LentMemory } from './row-memory.ts'

/**
 * A room is rendered once per revision, however many lists want it at once. The store answers lists with (chatId, revision)
 * only; the bytes come from here and are checked by revision, so that the cache can be cold but never stale. What memory has
 * no room for any more goes into a file, and comes back from there when it is wanted again soon.
 *
 * Whoever takes lists packed gets a row packed from when it is found in memory for the first time: deflating it costs as much as
 * rendering it did, and most rows that a stranger pages through are never asked for again.
 */
export interface RowCache {
  /** In the order of `chats`. A chat that has just disappeared is left out. Between two pieces of work others may have their turn. */
  rows(
    workspaceId: WorkspaceId,
    chats: readonly ChatRevision[],
    turn: Pick<ListTurn, 'giveWay'>,
    wanted?: WantedRows,
  ): Promise<Row[]>
  /** For rows that have to be read from the file. */
  lendMemory(): LentMemory
  /** The same, if memory has all of them. */
  inMemory(workspaceId: WorkspaceId, chats: readonly ChatRevision[], isPacked?: boolean): Row[] | null
}

export interface WantedRows {
  readonly isPacked?: boolean
  /** Gives memory to what has to be read from the file: it is the caller's, and so are those rows. */
  readonly cut?: Cut
}

export interface Row {
  /** With a comma in front: the list's writer cuts the first one off. */
  readonly bytes: Buffer
  /** Without it. */
  readonly piece?: Piece
}

interface RenderedRow extends Row {
  readonly revision: string
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
/** Of a list that gives nobody way in between; its other rows go out as they are, and are packed the next time. */
const PACKED_AT_ONCE_MAX = 8

export function createRowCache({ db, file, bytesMax, chatsPerRead }: RowCacheSettings): RowCache {
  const rendered = new LRUCache<string, RenderedRow>({
    maxSize: bytesMax,
    sizeCalculation: ({ bytes, piece }) => bytes.length + (piece?.deflated.length ?? 0) + 256,
    dispose: (row, key, why) => {
      if (why === 'evict') file.keep(key, row.revision, row.bytes)
    },
  })
  const memory = createRowMemory()
  /** What is being rendered at this moment: whoever wants the same waits for it. */
  const underWay = new Map<string, Promise<ReadonlyMap<ChatId, Row>>>()

  // The key has the workspace in it: a chat id that another workspace guessed finds nothing (G-11).
  function cached(
    workspaceId: WorkspaceId,
    { chatId, revision }: ChatRevision,
    { isPacked = false, cut }: WantedRows = {},
  ): Row | undefined {
    const key = workspaceId + chatId
    const row = rendered.get(key)
    if (row && row.revision === revision) return isPacked ? packed(key, row) : row
    const found = file.find(key, revision, cut)
    // Sooner than memory would have forgotten it. A copy, because what is found is in memory of the caller's.
    if (found && found.findsAgo < rendered.size)
      rendered.set(key, { revision, bytes: Buffer.from(found.bytes) })
    return found && { bytes: found.bytes }
  }

  function packed(key: string, row: RenderedRow): Row {
    if (row.piece) return row
    const packedRow = { ...row, piece: deflatePiece(row.bytes.subarray(1)) }
    rendered.set(key, packedRow)
    return packedRow
  }

  async function atHand(
    workspaceId: WorkspaceId,
    chats: readonly ChatRevision[],
    turn: Pick<ListTurn, 'giveWay'>,
    wanted: WantedRows,
  ): Promise<(Row | null | undefined)[]> {
    const rows: (Row | undefined)[] = []
    for (const chat of chats) {
      if (rows.length > 0 && rows.length % ROWS_AT_A_TIME === 0) await turn.giveWay()
      rows.push(cached(workspaceId, chat, wanted))
    }
    return rows
  }

  async function render(workspaceId: WorkspaceId, chats: readonly ChatRevision[]): Promise<Map<ChatId, Row>> {
    const revisions = new Map(chats.map(chat => [chat.chatId, chat.revision]))
    const fresh = new Map<ChatId, Row>()
    for (const chat of await readChats(db, workspaceId, [...revisions.keys()])) {
      const bytes = Buffer.from(`,${JSON.stringify(toRoomRow(chat))}`)
      const row = { revision: revisions.get(chat.chatId)!, bytes }
      fresh.set(chat.chatId, row)
      rendered.set(workspaceId + chat.chatId, row)
    }
    return fresh
  }

  /** Rendered, or gone. */
  async function renderOnce(
    workspaceId: WorkspaceId,
    chats: readonly ChatRevision[],
  ): Promise<(Row | null)[]> {
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
    lendMemory: () => memory.lend(),
    inMemory(workspaceId, chats, isPacked = false) {
      const rows: Row[] = []
      let packedNow = 0
      for (const { chatId, revision } of chats) {
        const key = workspaceId + chatId
        const row = rendered.get(key)
        if (row?.revision !== revision) return null
        const mustPack = isPacked && !row.piece && packedNow++ < PACKED_AT_ONCE_MAX
        rows.push(mustPack ? packed(key, row) : row)
      }
      return rows
    },
    async rows(workspaceId, chats, turn, wanted = {}) {
      const rows = await atHand(workspaceId, chats, turn, wanted)
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
        for (const at of open.slice(some.length)) rows[at] = cached(workspaceId, chats[at]!, wanted)
      }
      return rows.filter(row => row !== null && row !== undefined)
    },
  }
}

const missingIn = (rows: readonly (Row | null | undefined)[]): number[] =>
  rows.flatMap((row, at) => (row === undefined ? [at] : []))
