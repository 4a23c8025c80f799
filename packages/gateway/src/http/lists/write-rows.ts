/**
 * A list is never assembled in memory: its head, the rendered rows and its tail go to the socket one after another.
 * A short list is written whole with its length; a long one goes out in batches, and each batch waits until the
 * reader has taken the last one, so that memory does not grow with the answer (LM-4). While the reader takes his time
 * other lists have their turn, and it is over when he has all of it.
 *
 * The first batch is rendered before anything is written. So a store that fails there is an ordinary failure with an
 * answer; one that fails later can only be told by cutting the answer off.
 */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { WorkspaceId } from '@qunhub/wire'
import type { ListTurn } from '../../room/list-turns.ts'
import type { RowCache } from '../../room/row-cache.ts'
import type { ChatRevision } from '../../store/rooms/rooms.ts'
import { SECOND_MS } from '../../system/clock.ts'

export const ROWS_PER_BATCH_MAX = 100
/**
 * A reader that takes nothing for so long is given up. One that is slow is not: the socket's own timer, which measures
 * this, begins anew with every byte that is taken.
 */
const STALL_MAX_MS = 30 * SECOND_MS

const HEAD = Buffer.from('{"code":0,"data":[')

export interface RowsAnswer {
  readonly chats: readonly ChatRevision[]
  /** What follows the rows: `]}`, or `]` and the page. */
  readonly tail: string
  /** As long as the edition is the same; else nobody may remember it. */
  readonly lasts?: boolean
}

/** A list that is ready to be written. */
export interface BegunRows extends RowsAnswer {
  readonly turn: ListTurn
  readonly first: readonly Buffer[]
  /** The rows from this one on; empty beyond the last. */
  batch(from: number): Promise<Buffer[]>
}

/** Renders the first batch. Rejects when the store fails; then nothing is written yet. */
export async function beginRows(
  answer: RowsAnswer,
  rowCache: Pick<RowCache, 'rows'>,
  workspaceId: WorkspaceId,
  turn: ListTurn,
): Promise<BegunRows> {
  const batch = (from: number) =>
    rowCache.rows(workspaceId, answer.chats.slice(from, from + ROWS_PER_BATCH_MAX), turn)
  return { ...answer, turn, first: await batch(0), batch }
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
  if (rows.chats.length <= ROWS_PER_BATCH_MAX) writeWhole(response, headers, rows)
  else await writeBatches(response, headers, rows, stallMaxMs)
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
  { 'content-type': _, ...headers }: Record<string, string>,
): void {
  response.writeHead(304, headers).end()
}

/** A list that needs no batches. */
export function writeWhole(
  response: ServerResponse,
  headers: Record<string, string>,
  { first, tail }: Pick<BegunRows, 'first' | 'tail'>,
): void {
  // Each row has a comma in front of it; the first one's is cut off.
  const rowBytes = first.reduce((bytes, row) => bytes + row.length, 0) - (first.length > 0 ? 1 : 0)
  const bytes = HEAD.length + rowBytes + Buffer.byteLength(tail)
  response.writeHead(200, { ...headers, 'content-length': String(bytes) })
  response.cork()
  response.write(HEAD)
  writeBatch(response, first, true)
  response.end(tail)
  response.uncork()
}

async function writeBatches(
  response: ServerResponse,
  headers: Record<string, string>,
  { chats, tail, first, batch, turn }: BegunRows,
  stallMaxMs: number,
): Promise<void> {
  response.writeHead(200, headers)
  response.write(HEAD)
  writeBatch(response, first, true)
  let isFirst = first.length === 0
  for (let from = ROWS_PER_BATCH_MAX; from < chats.length; from += ROWS_PER_BATCH_MAX) {
    if (response.writableNeedDrain) {
      turn.rest()
      await drained(response, stallMaxMs)
    }
    if (response.destroyed) return
    await turn.giveWay()
    const rows = await batch(from)
    writeBatch(response, rows, isFirst)
    isFirst &&= rows.length === 0
  }
  response.end(tail)
}

function writeBatch(response: ServerResponse, rows: readonly Buffer[], isFirst: boolean): void {
  response.cork()
  for (const [index, row] of rows.entries()) response.write(isFirst && index === 0 ? row.subarray(1) : row)
  response.uncork()
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
  const { signal } = over
  try {
    await Promise.race(events.map(event => once(response, event, { signal })))
  } finally {
    over.abort()
  }
}

function giveUpWhenStalled(response: ServerResponse, stallMaxMs: number): void {
  response.removeAllListeners('timeout')
  response.setTimeout(stallMaxMs, () => response.destroy())
}
