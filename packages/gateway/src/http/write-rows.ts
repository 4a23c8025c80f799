/**
 * A list is never assembled in memory: its head, the rendered rows and its tail go to the socket one after another.
 * A short list is written whole with its length; a long one goes out in batches, and each batch waits until the
 * reader has taken the last one, so that memory does not grow with the answer (LM-4).
 */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { WorkspaceId } from '@qunhub/wire'
import { SECOND_MS } from '../model/clock.ts'
import type { RowCache } from '../room/row-cache.ts'
import type { ChatRevision } from '../store/rooms.ts'

const ROWS_PER_BATCH_MAX = 100
/** A reader that takes nothing for so long is given up. */
const DRAIN_TIMEOUT_MS = 30 * SECOND_MS

const HEAD = Buffer.from('{"code":0,"data":[')

export interface RowsAnswer {
  readonly chats: readonly ChatRevision[]
  /** What follows the rows: `]}`, or `]` and the page. */
  readonly tail: string
}

/** Writes the whole response. A reader that goes away or stands still ends it; that is not an error of ours. */
export async function writeRows(
  response: ServerResponse,
  headers: Record<string, string>,
  { chats, tail }: RowsAnswer,
  rowCache: RowCache,
  workspaceId: WorkspaceId,
): Promise<void> {
  if (chats.length <= ROWS_PER_BATCH_MAX) {
    const rows = await rowCache.rows(workspaceId, chats)
    writeWhole(response, headers, rows, Buffer.from(tail))
    return
  }
  response.writeHead(200, headers)
  response.write(HEAD)
  let isFirst = true
  for (let from = 0; from < chats.length; from += ROWS_PER_BATCH_MAX) {
    const rows = await rowCache.rows(workspaceId, chats.slice(from, from + ROWS_PER_BATCH_MAX))
    if (rows.length === 0) continue
    writeBatch(response, rows, isFirst)
    isFirst = false
    if (response.writableNeedDrain && !(await drained(response))) return
  }
  response.end(tail)
}

function writeWhole(
  response: ServerResponse,
  headers: Record<string, string>,
  rows: Buffer[],
  tail: Buffer,
): void {
  // Each row has a comma in front of it; the first one's is cut off.
  const rowBytes = rows.reduce((bytes, row) => bytes + row.length, 0) - (rows.length > 0 ? 1 : 0)
  response.writeHead(200, { ...headers, 'content-length': String(HEAD.length + rowBytes + tail.length) })
  response.cork()
  response.write(HEAD)
  writeBatch(response, rows, true)
  response.end(tail)
  response.uncork()
}

function writeBatch(response: ServerResponse, rows: readonly Buffer[], isFirst: boolean): void {
  response.cork()
  for (const [index, row] of rows.entries()) response.write(isFirst && index === 0 ? row.subarray(1) : row)
  response.uncork()
}

async function drained(response: ServerResponse): Promise<boolean> {
  try {
    await Promise.race([
      once(response, 'drain', { signal: AbortSignal.timeout(DRAIN_TIMEOUT_MS) }),
      once(response, 'close').then(() => Promise.reject(new Error('the reader went away'))),
    ])
    return true
  } catch {
    // Gone or asleep: in either case there is nobody to tell.
    response.destroy()
    return false
  }
}
