import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CallbackKind, WorkspaceId } from '@qunhub/wire'
import { type CallbackMeter, silentMeter } from '../../../gateway/src/callback/callback-meter.ts'
import { type Courier, openCourier, STOP_MS } from '../../../gateway/src/callback/courier.ts'
import { Keyring } from '../../../gateway/src/model/keyring.ts'
import { removeEveryNode } from '../../../gateway/src/store/bots/nodes.ts'
import { enqueueCallback } from '../../../gateway/src/store/contract/scene.contract.ts'
import type { Database } from '../../../gateway/src/store/database/database.ts'
import { openStore } from '../../../gateway/src/store/database/open-store.ts'
import { setCallbackUrl } from '../../../gateway/src/store/outbox/callback-addresses.ts'
import {
  type AttemptRecord,
  type CallbackFilter,
  type CallbackRecord,
  findCallback,
  listCallbacks,
} from '../../../gateway/src/store/outbox/callbacks.ts'
import { addWorkspace } from '../../../gateway/src/store/workspaces/workspaces.ts'
import { type Log, silentLog } from '../../../gateway/src/system/log.ts'
import { type Random, systemRandom } from '../../../gateway/src/system/random.ts'
import { ManualClock } from '../manual-clock.ts'
import { loopbackGuard } from '../receivers/loopback.ts'

/** Waits are exactly those of the schedule. */
export const steadyRandom: Random = { bytes: systemRandom.bytes, fraction: () => 0.5 }

/** A workspace's outbox in a real store: what it is owed, and what became of it. */
export interface Tenant {
  readonly workspaceId: WorkspaceId
  readonly addressId: string
  readonly secret: string
  /** Owes a callback with the body `{"room":…,"n":…}` and wakes the courier. */
  owe(room: string, n: number, kind?: CallbackKind): Promise<void>
  /** Newest first. */
  list(filter?: CallbackFilter): Promise<CallbackRecord[]>
  /** Every attempt of the callback. */
  attempts(id: number): Promise<AttemptRecord[]>
}

export interface Outbox extends Tenant {
  readonly db: Database
  readonly clock: ManualClock
  readonly keyring: Keyring
  readonly courier: Courier
  /** Ends the courier as far as it will end by itself, calls back, and starts another on the same store. */
  restart(between?: () => void): Promise<void>
  /** Lets the courier finish what is in flight, as SIGTERM does, and starts another; `hurry` may help what is in flight to end. */
  relieve(hurry?: (finished: Promise<void>) => Promise<void>): Promise<void>
  /** Another workspace whose callbacks go there. */
  tenant(url: string): Promise<Tenant>
  /** Moves the clock, then waits until nothing is due and nothing in flight. */
  pass(ms: number): Promise<void>
  close(): Promise<void>
}

export interface OutboxOptions {
  /** The callback base of the first workspace. */
  readonly url: string
  readonly log?: Log
  readonly meter?: CallbackMeter
}

/** Opens an outbox on a fresh store in a temporary directory, with a running courier on a clock that stands still. */
export async function openOutbox({
  url,
  log = silentLog,
  meter = silentMeter,
}: OutboxOptions): Promise<Outbox> {
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-outbox-'))
  const store = await openStore({ dataDir })
  const { db } = store
  const clock = new ManualClock()
  const keyring = new Keyring(systemRandom.bytes(32))
  const begin = async (): Promise<Courier> => {
    // What a node does when it enters a store that nobody shares.
    await removeEveryNode(db)
    const courier = openCourier({
      db,
      keyring,
      clock,
      random: steadyRandom,
      log,
      meter,
      guard: loopbackGuard,
      nodeId: () => 'this-node',
    })
    courier.start()
    return courier
  }
  let courier = await begin()
  // Whoever still hangs is cut off at once, not in six seconds of a clock that stands still.
  const end = async () => {
    const stopped = courier.stop()
    clock.advance(STOP_MS)
    await stopped
  }

  const tenant = async (url: string): Promise<Tenant> => {
    const { id } = await addWorkspace(db, systemRandom, { name: 'outbox', at: clock.now() })
    const address = await setCallbackUrl(db, keyring, systemRandom, id, url, clock.now())
    courier.wake()
    return {
      workspaceId: id,
      ...address,
      async owe(room, n, kind = 'chatroom/joined') {
        await db.write(tx => enqueueCallback(tx, id, owed(room, n, kind), clock.now()))
        courier.wake(id)
      },
      list: (filter = {}) => listCallbacks(db, id, { ...filter, limit: 1000 }),
      attempts: async callbackId => (await findCallback(db, id, callbackId))?.attempts ?? [],
    }
  }

  return {
    ...(await tenant(url)),
    db,
    clock,
    keyring,
    get courier() {
      return courier
    },
    async restart(between) {
      await end()
      between?.()
      courier = await begin()
    },
    async relieve(hurry = finished => finished) {
      await hurry(courier.stop())
      courier = await begin()
    },
    tenant,
    async pass(ms) {
      clock.advance(ms)
      await courier.idle()
    },
    async close() {
      await end()
      await store.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

export const owed = (room: string, n: number, kind: CallbackKind = 'chatroom/joined') => ({
  kind,
  laneKey: room,
  body: Buffer.from(JSON.stringify({ room, n })),
})
