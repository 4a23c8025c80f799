import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Database } from '../database/database.ts'
import { openStore } from '../database/open-store.ts'
import { StoreLocked } from '../database/store-error.ts'

const writer = join(import.meta.dirname, 'crash-writer.contract.ts')
const KILLS = 5

async function emptyDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'qunhub-crash-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** A process of its own on the store of the directory, and what it says, line by line. */
function startWriter(...task: string[]): { child: ChildProcess; lines: AsyncIterableIterator<string> } {
  const child = spawn(process.execPath, [writer, ...task], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return { child, lines: createInterface({ input: child.stdout! })[Symbol.asyncIterator]() }
}

async function killAtOnce(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

/** Lets the process write until it has acknowledged that many rooms, kills it, and returns all that it acknowledged. */
async function writeAndKill(dataDir: string, round: number, acknowledgements: number): Promise<string[]> {
  const { child, lines } = startWriter('write', dataDir, String(round))
  const heard: string[] = []
  let killed: Promise<void> | undefined
  for await (const line of lines) {
    if (line !== 'open') heard.push(line)
    if (heard.length === acknowledgements) killed = killAtOnce(child)
  }
  await killed
  return heard
}

const firstColumn = async (db: Database, sql: string): Promise<unknown[]> =>
  (await db.all<object>({ sql, parameters: [] })).map(row => Object.values(row)[0])

describe('SQLite: through crashes', () => {
  test('ST-81 a second process is refused while the first lives, and let in when it was killed', async () => {
    const dataDir = await emptyDirectory()
    const { child, lines } = startWriter('hold', dataDir)
    expect((await lines.next()).value).toBe('open')
    await expect(openStore({ dataDir })).rejects.toThrow(StoreLocked)
    await killAtOnce(child)
    await (await openStore({ dataDir })).close()
  })

  test('CB-12 killed in the midst of writes, again and again: what was acknowledged is there, each room with its callback', async () => {
    const dataDir = await emptyDirectory()
    const acknowledged: string[] = []
    for (let round = 0; round < KILLS; round++) {
      const wanted = 1 + round * 37
      const heard = await writeAndKill(dataDir, round, wanted)
      expect(heard.length).toBeGreaterThanOrEqual(wanted)
      acknowledged.push(...heard)

      const { db, close } = await openStore({ dataDir })
      expect(await firstColumn(db, 'pragma integrity_check')).toEqual(['ok'])
      expect(await firstColumn(db, 'pragma foreign_key_check')).toEqual([])
      const rooms = await firstColumn(db, 'select room_wxid from chat order by 1')
      const callbacks = await firstColumn(db, 'select cast(bytes as text) from callback_body order by 1')
      const members = await firstColumn(db, 'select count(*) from chat_member group by chat_id')
      expect(acknowledged.filter(wxid => !rooms.includes(wxid))).toEqual([])
      expect(callbacks).toEqual(rooms)
      expect(members.every(count => count === 20)).toBe(true)
      await close()
    }
  })
})
