/**
 * A list is never assembled in memory: its head, the rendered rows and its tail go to the socket one after another. A short list is
 * written with its length; a long one goes out in batches, and each batch waits until the reader has taken the last one, so that
 * memory does not grow with the answer (LM-4). Either is handed over a little at a time, for two megabytes take the kernel
 * as long as a turn lasts. While the reader takes his time other lists have their turn, and it is over when he has all of it.
 * Whoever accepts gzip gets it (LT-12): rows that were deflated once are spliced (`spliced-gzip`), others go in as they are.
 *
 * The first batch is rendered before anything is written. So a store that fails there is an ordinary failure with an
 * answer; one that fails later can only be told by cutting the answer off.
 */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { WorkspaceId } from '@qunhub/wire'
import type { ListTurn } from '../../room/list-turns.ts'
import type { Row, RowCache } from '../../room/row-cache.ts'
import type { LentMemory } from '../../room/row-memory.ts'
import type { ChatRevision } from '../../store/rooms/rooms.ts'
import { SECOND_MS } from '../../system/clock.ts'
import { madeOnce } from '../../system/made-once.ts'
import { deflatePiece, SplicedGzip, storePiece } from '../../system/spliced-gzip.ts'

export const ROWS_PER_BATCH_MAX = 100
/** Some tenths of a millisecond. Between two of them others may have their turn. */
const WRITTEN_AT_ONCE_BYTES = 256 * 1024
/**
 * A reader that takes nothing for so long is given up. One that is slow is not: the socket's own timer, which measures
 * this, begins anew with every byte that is taken.
 */
const STALL_MAX_MS = 30 * SECOND_MS

const HEAD = Buffer.from('{"code":0,"data":[')
const packed = madeOnce(() => ({ head: deflatePiece(HEAD), comma: storePiece(Buffer.from(',')) }))

export interface RowsAnswer {
  readonly chats: readonly ChatRevision[]
  /** What follows the rows: `]}`, or `]` and the page. */
  readonly tail: string
  /** As long as the edition is the same; else nobody may remember it. */
  readonly lasts?: boolean
}

/** A list that is ready to be written. */
export interface BegunRows extends RowsAnswer, Pick<LentMemory, 'giveBack'> {
  readonly turn: ListTurn
  readonly isPacked: boolean
  readonly first: readonly Row[]
  /** The rows from this one on; empty beyond the last. */
  batch(from: number): Promise<Row[]>
}

/** Renders the first batch. Rejects when the store fails; then nothing is written yet. */
export async function beginRows(
  answer: RowsAnswer,
  rowCache: Pick<RowCache, 'rows' | 'lendMemory'>,
  workspaceId: WorkspaceId,
  turn: ListTurn,
  isPacked = false,
): Promise<BegunRows> {
  const { cut, giveBack } = rowCache.lendMemory()
  const batch = (from: number) =>
    rowCache.rows(workspaceId, answer.chats.slice(from, from + ROWS_PER_BATCH_MAX), turn, { isPacked, cut })
  return { ...answer, turn, isPacked, first: await batch(0), batch, giveBack }
}

/**
 * Writes the whole response, and resolves when it is with its reader. A reader that goes away or stands still ends it; that is
 * not an error of ours. Rejects when the store fails in the middle: then the response is begun and not ended.
 */
export async function writeRows(
  response: ServerResponse,
  headers: Record<string, string>,
  rows: BegunRows,
  stallMaxMs = STALL_MAX_MS,
): Promise<void> {
  const { first, tail, isPacked, giveBack } = rows
  // Not where the reader has gone away: then nothing says that nobody holds what was to be written.
  response.once('finish', giveBack)
  if (rows.chats.length <= ROWS_PER_BATCH_MAX) {
    const body = isPacked ? [packedBody(first, tail)] : plainBody(first, tail)
    const length = lengthOf(body)
    if (length <= WRITTEN_AT_ONCE_BYTES) writeWhole(response, headers, body)
    else {
      response.writeHead(200, { ...headers, 'content-length': String(length) })
      await handOver(response, body, rows.turn)
      if (!response.destroyed) response.end()
    }
  } else await writeBatches(response, headers, rows, stallMaxMs)
  if (!watchReader(response, stallMaxMs)) return
  rows.turn.rest()
  await firstOf(response, 'finish', 'close')
}

/** Gives up a reader who takes nothing of what waits for him. What the kernel took at once needs no watching, and that is nearly every list. */
export function watchReader(response: ServerResponse, stallMaxMs = STALL_MAX_MS): boolean {
  if (response.writableLength === 0 || response.closed) return false
  giveUpWhenStalled(response, stallMaxMs)
  return true
}

/** LT-10: of the headers, those that say something of an answer without a body. */
export function endUnchanged(
  response: ServerResponse,
  { 'content-type': _, 'content-encoding': __, ...headers }: Record<string, string>,
): void {
  response.writeHead(304, headers).end()
}

/** A list that needs no batches. */
export function writeWhole(
  response: ServerResponse,
  headers: Record<string, string>,
  body: readonly Uint8Array[],
): void {
  response.writeHead(200, { ...headers, 'content-length': String(lengthOf(body)) })
  if (body.length > 1) response.cork()
  for (const bytes of body.slice(0, -1)) response.write(bytes)
  response.end(body.at(-1))
  if (body.length > 1) response.uncork()
}

/** A few pieces at a time, while others may have their turns. */
async function handOver(
  response: ServerResponse,
  body: readonly Uint8Array[],
  turn: ListTurn,
): Promise<void> {
  let written = 0
  response.cork()
  for (const bytes of body.flatMap(inPieces)) {
    if (written + bytes.length > WRITTEN_AT_ONCE_BYTES) {
      written = 0
      response.uncork()
      await turn.giveWay()
      if (response.destroyed) return
      response.cork()
    }
    response.write(bytes)
    written += bytes.length
  }
  response.uncork()
}

const inPieces = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / WRITTEN_AT_ONCE_BYTES) }, (_, at) =>
    bytes.subarray(at * WRITTEN_AT_ONCE_BYTES, (at + 1) * WRITTEN_AT_ONCE_BYTES),
  )

const lengthOf = (body: readonly Uint8Array[]): number => body.reduce((sum, { length }) => sum + length, 0)

export const plainBody = (rows: readonly Row[], tail: string): Uint8Array[] => [
  HEAD,
  ...plainRows(rows, true),
  Buffer.from(tail),
]

/** Each row has a comma in front of it. */
const plainRows = (rows: readonly Row[], areFirst: boolean): Uint8Array[] =>
  rows.map(({ bytes }, at) => (areFirst && at === 0 ? bytes.subarray(1) : bytes))

export function packedBody(rows: readonly Row[], tail: string): Buffer {
  const packing = packRows()
  packing.add(rows)
  return packing.end(tail)
}

async function writeBatches(
  response: ServerResponse,
  headers: Record<string, string>,
  { chats, tail, isPacked, first, batch, turn }: BegunRows,
  stallMaxMs: number,
): Promise<void> {
  response.writeHead(200, headers)
  const body = isPacked ? packInBatches() : plainInBatches()
  // The head with them: written by itself it would hold all that follows back until the end of the tick.
  await handOver(response, isPacked ? body.add(first) : [HEAD, ...body.add(first)], turn)
  for (let from = ROWS_PER_BATCH_MAX; from < chats.length; from += ROWS_PER_BATCH_MAX) {
    if (response.writableNeedDrain) {
      turn.rest()
      await drained(response, stallMaxMs)
    }
    if (response.destroyed) return
    await turn.giveWay()
    await handOver(response, body.add(await batch(from)), turn)
  }
  if (!response.destroyed) response.end(body.end(tail))
}

function plainInBatches() {
  let isFirst = true
  const add = (rows: readonly Row[]): Uint8Array[] => {
    const some = plainRows(rows, isFirst)
    isFirst &&= rows.length === 0
    return some
  }
  return { add, end: (tail: string) => Buffer.from(tail) }
}

function packInBatches() {
  const packing = packRows()
  const add = (rows: readonly Row[]): Uint8Array[] => {
    packing.add(rows)
    return [packing.take()]
  }
  return { add, end: packing.end }
}

function packRows() {
  const gzip = new SplicedGzip()
  gzip.add(packed().head)
  let isFirst = true
  return {
    add(rows: readonly Row[]) {
      for (const { bytes, piece } of rows) {
        if (piece && !isFirst) gzip.add(packed().comma)
        if (piece) gzip.add(piece)
        else gzip.addPlain(isFirst ? bytes.subarray(1) : bytes)
        isFirst = false
      }
    },
    take: () => gzip.take(),
    end(tail: string) {
      gzip.end(Buffer.from(tail))
      return gzip.take()
    },
  }
}

/** Until the reader has taken what was written, or is gone. */
async function drained(response: ServerResponse, stallMaxMs: number): Promise<void> {
  giveUpWhenStalled(response, stallMaxMs)
  try {
    await firstOf(response, 'drain', 'close')
  } finally {
    response.setTimeout(0)
  }
}

async function firstOf(response: ServerResponse, ...events: readonly string[]): Promise<void> {
  const over = new AbortController()
  try {
    await Promise.race(events.map(event => once(response, event, { signal: over.signal })))
  } finally {
    over.abort()
  }
}

function giveUpWhenStalled(response: ServerResponse, stallMaxMs: number): void {
  response.removeAllListeners('timeout')
  response.setTimeout(stallMaxMs, () => response.destroy())
}
