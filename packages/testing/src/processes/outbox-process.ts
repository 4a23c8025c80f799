/**
 * A process to be killed. It opens the store that its one argument names, enters it as a node, delivers what is due, and
 * says `open`. Then its hands owe callbacks without pause, in bursts of one room each, until it is told to be `quiet`
 * on its standard input; when nothing is due any more it says `drained`, and waits to be ended.
 *
 * Every write that owes also writes down, in two tables of the trial, what it owes and as the how manieth of its room.
 * The number is taken after the callback is owed, so it is the lane alone that makes the order. What was acknowledged
 * is said aloud. Some writes are undone when everything is written: nobody may ever hear of those.
 */

import { setTimeout as pause } from 'node:timers/promises'
import type { WorkspaceId } from '@qunhub/wire'
import { sql } from 'kysely'
import { Keyring } from '../../../gateway/src/model/keyring.ts'
import { enqueueCallback } from '../../../gateway/src/store/contract/scene.contract.ts'
import type { Transaction } from '../../../gateway/src/store/database/database.ts'
import { openStore } from '../../../gateway/src/store/database/open-store.ts'
import { StoreError } from '../../../gateway/src/store/database/store-error.ts'
import { systemClock } from '../../../gateway/src/system/clock.ts'
import { hex24, systemRandom } from '../../../gateway/src/system/random.ts'
import { openLiveCourier } from '../grounds/live-courier.ts'

export interface OutboxTask {
  readonly dataDir: string
  readonly databaseUrl?: string
  /** Of the keyring. */
  readonly masterKeyHex: string
  readonly workspaceIds: readonly WorkspaceId[]
  readonly roomsPerWorkspace: number
  /** Whether it is stopped now and then, and goes on. */
  readonly standsStill: boolean
  /** Callbacks, by all hands together. */
  readonly perSecond: number
}

/** What a callback of the trial says of itself. */
export interface TrialBody {
  readonly room: string
  /** Of this callback alone. */
  readonly mark: string
}

const HANDS = 4
const BURST_MAX = 5
const UNDONE_PART = 0.1
const POLL_EVERY_MS = 50

class Undone extends Error {
  override name = 'Undone'
}

const task = JSON.parse(process.argv[2]!) as OutboxTask
const { db } = await openStore({ ...task, migrate: false })
const keyring = new Keyring(Buffer.from(task.masterKeyHex, 'hex'))
const { courier } = await openLiveCourier(db, keyring)
console.log('open')

const quiet = new AbortController()
process.stdin.once('data', () => quiet.abort())
// Whoever started it is gone.
process.stdin.once('end', () => process.exit(1))

await Promise.all(Array.from({ length: HANDS }, oweUntilQuiet))
while ((await dueCount()) > 0) await pause(POLL_EVERY_MS)
console.log('drained')

async function oweUntilQuiet(): Promise<void> {
  const meanPauseMs = (HANDS * ((1 + BURST_MAX) / 2) * 1000) / task.perSecond
  while (!quiet.signal.aborted) {
    const workspaceId = oneOf(task.workspaceIds)
    const room = `R:${workspaceId}:${Math.floor(systemRandom.fraction() * task.roomsPerWorkspace)}`
    const count = 1 + Math.floor(systemRandom.fraction() * BURST_MAX)
    const marks = Array.from({ length: count }, () => hex24(systemRandom))
    try {
      await db.write(tx => owe(tx, workspaceId, room, marks))
      console.log(JSON.stringify({ room, marks }))
      courier.wake(workspaceId)
    } catch (fault) {
      // Of a process that stood still in the middle of a write PostgreSQL has ended the connection: perhaps it is owed, perhaps not.
      const isCutOff = task.standsStill && fault instanceof StoreError
      if (!(fault instanceof Undone) && !isCutOff) throw fault
    }
    await pause(2 * systemRandom.fraction() * meanPauseMs)
  }
}

async function owe(
  tx: Transaction,
  workspaceId: WorkspaceId,
  room: string,
  marks: readonly string[],
): Promise<void> {
  for (const mark of marks) {
    const body = Buffer.from(JSON.stringify({ room, mark } satisfies TrialBody))
    const owed = { kind: 'chatroom/joined', laneKey: room, body } as const
    await enqueueCallback(tx, workspaceId, owed, systemClock.now())
    const counted = await tx.first(
      sql<{ last: number }>`insert into trial_room (room, last) values (${room}, 1)
        on conflict (room) do update set last = trial_room.last + 1 returning last`.compile(tx.query),
    )
    await tx.run(
      sql`insert into trial_commit (mark, room, n) values (${mark}, ${room}, ${counted!.last})`.compile(
        tx.query,
      ),
    )
  }
  if (systemRandom.fraction() < UNDONE_PART) throw new Undone()
}

async function dueCount(): Promise<number> {
  const row = await db.first(
    sql<{ count: number }>`select count(*) as count from callback where state = 'due'`.compile(db.query),
  )
  return Number(row!.count)
}

function oneOf<T>(choice: readonly T[]): T {
  return choice[Math.floor(systemRandom.fraction() * choice.length)]!
}
