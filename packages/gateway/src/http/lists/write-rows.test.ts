import { createServer, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { eventually } from '@qunhub/testing/eventually.ts'
import type { ChatId, WorkspaceId } from '@qunhub/wire'
import { afterEach, expect, test } from 'vitest'
import type { ListTurn } from '../../room/list-turns.ts'
import type { RowCache } from '../../room/row-cache.ts'
import { type Cut, createRowMemory } from '../../room/row-memory.ts'
import { beginRows, writeRows } from './write-rows.ts'

/** Of a reader that takes nothing at all. */
const STALL_MAX_MS = 300
/** Of one that has to be waited for, on a machine that may keep it from its work for as long. */
const STALL_PATIENT_MS = 20_000
/** So that 100 of them are far more than the kernel keeps for a reader. */
const ROW_BYTES = 250_000
/** What a slow reader takes before it rests. */
const SIP_BYTES = 2_000_000
/** Nobody else wants one. */
const turn: ListTurn = { giveWay: async () => {}, rest() {}, leave() {} }
const workspaceId = 'f'.repeat(24) as WorkspaceId

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

function rowOf(letter: string, cut: Cut): Buffer {
  const bytes = cut(ROW_BYTES).fill(letter)
  bytes.write(',"')
  bytes.write('"', ROW_BYTES - 1)
  return bytes
}

const chats = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ chatId: String(n) as ChatId, revision: '1' }))

/** A server that answers everything with a list of so many rows; what it answers with, and how that ended. */
async function serverOf(count: number, stallMaxMs: number, ofTurn = turn, isPacked = false) {
  const written: { response: ServerResponse; ended: boolean }[] = []
  const memory = createRowMemory()
  const server: Server = createServer(async (_request, response) => {
    const answer = { response, ended: false }
    written.push(answer)
    // Read into memory that lists share, as from the file; in each list are other letters.
    const letter = String.fromCharCode('a'.charCodeAt(0) + written.length - 1)
    const cache: Pick<RowCache, 'rows' | 'lendMemory'> = {
      rows: async (_, asked, __, { cut } = {}) => asked.map(() => ({ bytes: rowOf(letter, cut!) })),
      lendMemory: memory.lend,
    }
    const rows = await beginRows({ chats: chats(count), tail: ']}' }, cache, workspaceId, ofTurn, isPacked)
    await writeRows(response, {}, rows, stallMaxMs)
    answer.ended = true
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return { port: (server.address() as AddressInfo).port, written }
}

/** A reader that has asked and takes nothing yet. */
function readerOf(port: number): Socket {
  const socket = connect({ host: '127.0.0.1', port })
  socket.pause().write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  closing.push(() => socket.destroy())
  return socket
}

test.each([
  ['short', 100],
  ['long', 300],
])('LM-4 a reader that takes nothing of a %s list is given up', async (_which, count) => {
  const { port, written } = await serverOf(count, STALL_MAX_MS)
  readerOf(port)
  await eventually('the writer to be done', () => written[0]?.ended && written[0].response.closed)
  expect(written[0]!.response.writableFinished).toBe(false)
})

test('LM-4 a reader that goes away ends the writing', async () => {
  const { port, written } = await serverOf(300, STALL_PATIENT_MS)
  const reader = readerOf(port)
  await eventually('the first bytes', () => written[0]?.response.headersSent)
  reader.destroy()
  await eventually('the writer to be done', () => written[0]?.ended)
})

test('LM-4 a reader that is slow, but goes on, gets the whole list', async () => {
  // Its rests together are twice what one of them may be.
  const stallMaxMs = 6 * STALL_MAX_MS
  const { port, written } = await serverOf(100, stallMaxMs)
  const reader = readerOf(port)
  let taken = 0
  let sip = 0
  reader.on('data', bytes => {
    taken += bytes.length
    sip += bytes.length
    if (sip < SIP_BYTES) return
    sip = 0
    reader.pause()
    setTimeout(() => reader.resume(), stallMaxMs / 6)
  })
  reader.resume()
  await eventually('the end of the answer', () => written[0]?.response.closed)
  expect(written[0]!.response.writableFinished).toBe(true)
  await eventually('the whole list', () => taken > 100 * ROW_BYTES)
})

test('LM-4 waiting for the reader leaves no listeners behind', async () => {
  const { port, written } = await serverOf(1000, STALL_PATIENT_MS)
  const reader = readerOf(port)
  let most = 0
  reader.on('data', () => {
    for (const name of ['drain', 'close', 'timeout'])
      most = Math.max(most, written[0]?.response.listenerCount(name) ?? 0)
  })
  reader.resume()
  await eventually('the whole list', () => written[0]?.response.writableFinished)
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThan(4)
})

test.each([
  ['short', 'as it is', 8],
  ['short', 'packed', 8],
  ['long', 'as it is', 120],
  ['long', 'packed', 120],
])(
  'LT-7 a %s list of long rows, %s, is handed over piece by piece, and others may have their turns in between',
  async (_, how, count) => {
    const handedOver: boolean[] = []
    const pieces: number[] = []
    let before = 0
    const giveWay = async () => {
      const { response } = written[0]!
      handedOver.push(response.writableEnded)
      pieces.push(response.socket!.bytesWritten - before)
      before = response.socket!.bytesWritten
    }
    const ofTurn = { ...turn, giveWay }
    const { port, written } = await serverOf(count, STALL_PATIENT_MS, ofTurn, how === 'packed')
    let taken = 0
    readerOf(port)
      .on('data', bytes => {
        taken += bytes.length
      })
      .resume()
    await eventually('the whole list', () => taken > count * ROW_BYTES)
    expect(handedOver.length).toBeGreaterThanOrEqual(count / 2)
    expect(handedOver).not.toContain(true)
    // With the head of the answer, and what stands between chunks.
    expect(Math.max(...pieces)).toBeLessThan(257 * 1024)
  },
)

test('RR-8 what a slow reader gets is his own list, whatever others were read meanwhile', async () => {
  const { port, written } = await serverOf(100, STALL_PATIENT_MS)
  const slow = readerOf(port)
  await eventually('his list to wait for him', () => waitsForReader(written[0]?.response))
  for (const letters of ['b', 'c', 'd']) {
    const other = await fetch(`http://127.0.0.1:${port}/`)
    expect(lettersOf(await other.text())).toBe(letters)
  }
  let heard = ''
  slow.on('data', bytes => {
    heard += bytes.toString('latin1')
  })
  slow.resume()
  await eventually('the whole list', () => written[0]!.ended)
  await eventually('its end', () => heard.endsWith(']}'))
  expect(lettersOf(heard)).toBe('a')
})

const waitsForReader = (response?: ServerResponse) => response?.writableEnded && response.writableLength > 0

/** Of all rows, each letter once. */
const lettersOf = (list: string): string =>
  [...new Set(list.slice(list.indexOf('[')).replaceAll(/[^a-z]/g, ''))].join('')

test('RR-8 memory of a list that was written serves the next one, and nobody twice', () => {
  const memory = createRowMemory()
  const first = memory.lend()
  const bytes = first.cut(1000)
  expect(memory.lend().cut(1000).buffer).not.toBe(bytes.buffer)
  first.giveBack()
  first.giveBack()
  const [second, third] = [memory.lend(), memory.lend()]
  expect(second.cut(1000).buffer).toBe(bytes.buffer)
  expect(second.cut(1000).byteOffset).toBe(1000)
  expect(third.cut(1000).buffer).not.toBe(bytes.buffer)
  expect(first.cut(1000).buffer).not.toBe(bytes.buffer)
})

test('RR-8 a list of any length leaves 4 MiB for others at most', () => {
  const memory = createRowMemory()
  const long = memory.lend()
  const cut = Array.from({ length: 40 }, () => long.cut(200_000).buffer)
  long.giveBack()
  const next = memory.lend()
  const again = Array.from({ length: 40 }, () => next.cut(200_000).buffer)
  expect(again.filter(buffer => cut.includes(buffer))).toHaveLength(16)
})
