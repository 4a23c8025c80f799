/**
 * How long an address stands still whose node is killed while 100,000 callbacks are held for it: from `kill -9` until the other node,
 * which runs already, has sent the first one. On PostgreSQL, with the waits of production; the node that was killed is replaced, and
 * the next round kills the other one.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Keyring } from '../packages/gateway/src/model/keyring.ts'
import { enqueueCallback } from '../packages/gateway/src/store/contract/scene.contract.ts'
import type { Database } from '../packages/gateway/src/store/database/database.ts'
import { openStore } from '../packages/gateway/src/store/database/open-store.ts'
import { setCallbackUrl } from '../packages/gateway/src/store/outbox/callback-addresses.ts'
import { addWorkspace } from '../packages/gateway/src/store/workspaces/workspaces.ts'
import { systemRandom } from '../packages/gateway/src/system/random.ts'
import { type Child, next, openChild } from './child.ts'
import { now } from './monotonic.ts'
import { openPostgres } from './open-postgres.ts'
import { median } from './peer.ts'
import type { Counted } from './receiver.ts'

const SIZES = {
  full: { held: 100_000, spare: 5000, rooms: 2000, rounds: 8, runsMs: 1500 },
  tiny: { held: 3000, spare: 0, rooms: 20, rounds: 1, runsMs: 0 },
} as const
const OWED_AT_ONCE = 500
const BODY = Buffer.from(JSON.stringify({ text: 'x'.repeat(2000) }))
/** What the node had sent before it was killed has been heard then. */
const ECHO_MS = 20
const LOOK_EVERY_MS = 5
const GIVE_UP_AFTER_MS = 60_000

export async function takeOver(size: keyof typeof SIZES): Promise<object> {
  const { held, spare, rooms, rounds, runsMs } = SIZES[size]
  const home = await mkdtemp(join(tmpdir(), 'qunhub-bench-'))
  const server = await openPostgres(size)
  const receiver = await openChild<{ url: string }>('receiver.ts', null)
  const master = systemRandom.bytes(32)
  const at = { dataDir: home, databaseUrl: server.url }
  const store = await openStore(at)
  const nodes: Node[] = []
  try {
    const { id } = await addWorkspace(store.db, systemRandom, { name: 'held', at: Date.now() })
    await setCallbackUrl(store.db, new Keyring(master), systemRandom, id, receiver.opened.url, Date.now())
    const owe = (count: number) => oweMany(store.db, id, count, rooms)
    const openNode = () => launch({ ...at, masterKeyHex: Buffer.from(master).toString('hex') })
    nodes.push(await openNode(), await openNode())
    const measured: { ms: number; heldAtKill: number }[] = []
    for (let round = 0; round < rounds; round++) {
      await owe(held + spare - (await countHeld(store.db)))
      await pause(runsMs)
      const heldAtKill = await countHeld(store.db)
      const killed = nodes.shift()!
      measured.push({ ms: await silenceAfter(killed, receiver), heldAtKill })
      nodes.push(await openNode())
    }
    const times = measured.map(({ ms }) => ms)
    return {
      what: 'from the kill of the node of an address until another one sends, with callbacks held; limit: 5,000 ms',
      ...{ held, rooms, rounds },
      medianMs: median(times),
      maxMs: Math.max(...times),
      measured,
    }
  } finally {
    for (const node of nodes) await node.kill()
    await receiver.end()
    await store.close()
    await server.remove()
    await rm(home, { recursive: true, force: true })
  }
}

interface Node {
  /** Resolves when it is gone; at once, for nobody else of it was told. */
  kill(): Promise<void>
}

async function launch(given: object): Promise<Node> {
  const child = fork(join(import.meta.dirname, 'take-over-node.ts'), [JSON.stringify(given)])
  await next(child)
  return {
    async kill() {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

/** In milliseconds. Of a node that did not run the address nothing falls silent, and that is short. */
async function silenceAfter(node: Node, receiver: Child): Promise<number> {
  const killedAt = now()
  await node.kill()
  await pause(ECHO_MS)
  await receiver.ask('forget')
  const giveUpAt = performance.now() + GIVE_UP_AFTER_MS
  let counted = await receiver.ask<Counted>('count')
  while (counted.heard === 0) {
    if (performance.now() > giveUpAt) throw new Error('nobody took the address over')
    await pause(LOOK_EVERY_MS)
    counted = await receiver.ask<Counted>('count')
  }
  return Math.round(counted.firstAt - killedAt)
}

async function oweMany(
  db: Database,
  workspaceId: Awaited<ReturnType<typeof addWorkspace>>['id'],
  count: number,
  rooms: number,
): Promise<void> {
  for (let from = 0; from < count; from += OWED_AT_ONCE)
    await db.write(async tx => {
      for (let n = from; n < Math.min(from + OWED_AT_ONCE, count); n++) {
        const owed = { kind: 'chatroom/joined', laneKey: `R:${n % rooms}`, body: BODY } as const
        await enqueueCallback(tx, workspaceId, owed, Date.now())
      }
    })
}

async function countHeld(db: Database): Promise<number> {
  const counted = await db.first<{ held: number }>({
    sql: "select count(*) as held from callback where state = 'due'",
    parameters: [],
  })
  return counted!.held
}
