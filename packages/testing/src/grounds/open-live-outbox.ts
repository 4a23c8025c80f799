import type { WorkspaceId } from '@qunhub/wire'
import { Keyring } from '../../../gateway/src/model/keyring.ts'
import { enqueueAtOnce } from '../../../gateway/src/store/contract/scene.contract.ts'
import type { Database } from '../../../gateway/src/store/database/database.ts'
import { openStore } from '../../../gateway/src/store/database/open-store.ts'
import { setCallbackUrl } from '../../../gateway/src/store/outbox/callback-addresses.ts'
import { addWorkspace } from '../../../gateway/src/store/workspaces/workspaces.ts'
import { systemClock } from '../../../gateway/src/system/clock.ts'
import { systemRandom } from '../../../gateway/src/system/random.ts'
import { openLiveCourier } from './live-courier.ts'

/** An outbox on the real clock, with the waits of production; for trials and benchmarks that take their time. */
export interface LiveOutbox {
  readonly db: Database
  /** One workspace for each of the addresses, in their order. */
  readonly workspaceIds: readonly WorkspaceId[]
  /** Owes a callback with this body as JSON, and wakes the courier. */
  owe(workspaceId: WorkspaceId, room: string, body: object): Promise<void>
  wake(): void
  /** Waits for what is in flight, as a node does that ends. */
  close(): Promise<void>
}

export interface LiveOutboxOptions {
  readonly dataDir: string
  /** The embedded store, unless it names a PostgreSQL database. */
  readonly databaseUrl?: string
  /** Callback bases, a workspace each. */
  readonly urls: readonly string[]
}

export async function openLiveOutbox({ urls, ...at }: LiveOutboxOptions): Promise<LiveOutbox> {
  const store = await openStore(at)
  const { db } = store
  const keyring = new Keyring(systemRandom.bytes(32))
  const workspaceIds: WorkspaceId[] = []
  for (const [n, url] of urls.entries()) {
    const { id } = await addWorkspace(db, systemRandom, { name: `${n}`, at: systemClock.now() })
    await setCallbackUrl(db, keyring, systemRandom, id, url, systemClock.now())
    workspaceIds.push(id)
  }

  const { courier, membership } = await openLiveCourier(db, keyring)

  return {
    db,
    workspaceIds,
    async owe(workspaceId, room, body) {
      const owed = {
        kind: 'chatroom/joined',
        laneKey: room,
        body: Buffer.from(JSON.stringify(body)),
      } as const
      await enqueueAtOnce(db, workspaceId, owed, systemClock.now())
      courier.wake(workspaceId)
    },
    wake: () => courier.wake(),
    async close() {
      await courier.stop()
      await membership.stop()
      await membership.leave()
      await store.close()
    },
  }
}
