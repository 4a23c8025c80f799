import { noteStatements } from '@qunhub/testing/note-statements.ts'
import type { CallbackKind, WorkspaceId } from '@qunhub/wire'
import { describe, expect, test } from 'vitest'
import type { BreakerEvent } from '../../model/breaker.ts'
import { EXHAUSTED_ATTEMPT } from '../../model/callback.ts'
import { Keyring, SealBroken } from '../../model/keyring.ts'
import { enterNode, leaveNode } from '../bots/nodes.ts'
import type { Database, Statement, Transaction } from '../database/database.ts'
import type { AttemptMade, Held } from '../database/hot-rows.ts'
import {
  CallbackUrlUnusable,
  clearCallbackUrl,
  findCallbackAddress,
  setCallbackUrl,
} from '../outbox/callback-addresses.ts'
import { type CallbackFilter, findCallback, listCallbacks } from '../outbox/callbacks.ts'
import { claimAddresses, countAddresses, releaseAddress } from '../outbox/claim-addresses.ts'
import { pruneCallbacks, READ_AT_ONCE_MAX } from '../outbox/prune-callbacks.ts'
import { replayCallback } from '../outbox/replay-callback.ts'
import type { ReplayFilter } from '../outbox/replay-rows.ts'
import { countReplayable, listReplays, startReplay } from '../outbox/replays.ts'
import { type RunAddress, readAddresses, readBodies, readNews, readRooms } from '../outbox/run-address.ts'
import { type AfterBatch, type Settled, settleCallbacks } from '../outbox/settle-callbacks.ts'
import { CALLBACKS_PER_SLICE } from '../outbox/slices.ts'
import { stepReplay } from '../outbox/step-replay.ts'
import { saveRoom } from '../rooms/rooms.ts'
import { enqueueCallback, keyring, NOON, type OpenStore, owed, room, Scene } from './scene.contract.ts'

const URL = 'https://shop.example/hooks?key=1'
const nowhere = 'f'.repeat(24) as WorkspaceId
const failed: AttemptMade = {
  startedAt: NOON,
  ms: 7,
  outcome: 'failed',
  status: null,
  errorClass: 'reset',
  snippet: null,
  reason: null,
}
const answered: AttemptMade = {
  startedAt: NOON,
  ms: 7,
  outcome: 'answered',
  status: 200,
  errorClass: null,
  snippet: 'ok',
  reason: null,
}

/** A workspace with an address, and what a courier and an operator do with its outbox. */
export class OutboxScene {
  readonly scene: Scene
  readonly addressId: string

  private constructor(scene: Scene, addressId: string) {
    this.scene = scene
    this.addressId = addressId
  }

  static async in(scene: Scene): Promise<OutboxScene> {
    const { db } = scene
    const { addressId } = await setCallbackUrl(db, keyring, scene.random, scene.workspaceId, URL, NOON)
    const known = await db.all(db.query.selectFrom('node').select('id').where('id', '=', 'us').compile())
    if (known.length === 0) await enterNode(db, 'us', null)
    await claimAddresses(db, 'us', 1)
    return new OutboxScene(scene, addressId)
  }

  static open = async (open: OpenStore): Promise<OutboxScene> => OutboxScene.in(await Scene.open(open))

  get db() {
    return this.scene.db
  }
  get workspaceId() {
    return this.scene.workspaceId
  }

  owe(room: string, text: string, at = NOON, kind: CallbackKind = 'chatroom/joined'): Promise<void> {
    const callback = { ...owed(text, room), kind }
    return this.db.write(tx => enqueueCallback(tx, this.workspaceId, callback, at, this.scene.random))
  }

  /** The address as its node sees it. */
  async address(): Promise<RunAddress> {
    return (await readAddresses(this.db, 'us')).find(({ addressId }) => addressId === this.addressId)!
  }

  /** What is owed, in the order of ids. */
  async due(after = 0, limit = 100): Promise<Held[]> {
    const address = await this.address()
    const news = await readNews(this.db, [{ ...address, after }], limit)
    const rooms = [...new Set(news.map(({ laneKey }) => laneKey))].map(laneKey => ({ ...address, laneKey }))
    return readRooms(this.db, rooms, { ofRoom: 16, bytesMax: 100 })
  }

  async first(): Promise<Held> {
    return (await this.due())[0]!
  }

  async textOf({ bodyId }: Held): Promise<string> {
    return Buffer.from((await readBodies(this.db, this.workspaceId, [bodyId])).get(bodyId)!).toString()
  }

  /** What became of a callback, as a courier writes it. */
  async settle(
    callback: Held,
    { settle, at }: Settlement,
    attempt: AttemptMade | null = answered,
    tells: BreakerEvent | null = null,
    address?: RunAddress,
  ): Promise<AfterBatch> {
    const { dueAt, faults } = callback
    const tried = attempt === null ? callback.attempt : callback.attempt + 1
    const isOver = settle === 'delivered' || settle === 'parked'
    const settled: Settled = {
      address: address ?? (await this.address()),
      callback,
      to: {
        state: isOver ? settle : 'due',
        attempt: settle === 'held' ? callback.attempt : tried,
        dueAt: isOver ? dueAt : at,
        faults,
        settledAt: isOver ? at : null,
      },
      attempt,
      tells,
      accepted: null,
    }
    return (await settleCallbacks(this.db, [settled], async () => at)).get(this.addressId)!
  }

  /** So many parked callbacks at once, settled a millisecond apart from each other, or all of them `at` the same. */
  async parkMany(count: number, at?: number): Promise<void> {
    const { workspaceId, addressId } = this
    await this.db.write(async tx => {
      for (let n = 1; n <= count; n++) {
        const row = {
          workspace_id: workspaceId,
          id: 1000 + n,
          body_id: n,
          address_id: addressId,
          lane_key: `R:${n % 7}`,
        }
        const facts = { webhook_id: `msg${n}`, kind: 'chatroom/joined', state: 'parked' as const, attempt: 6 }
        const times = { due_at: 0, owed_at: n, settled_at: at ?? n }
        await tx.run(
          tx.query
            .insertInto('callback')
            .values({ ...row, ...facts, ...times })
            .compile(),
        )
      }
    })
  }

  /** Owes a callback and settles it. */
  async settled(room: string, settle: 'delivered' | 'parked', at = NOON): Promise<number> {
    await this.owe(room, `${room} ${settle}`)
    const callback = await this.first()
    await this.settle(callback, { settle, at })
    return callback.id
  }

  list(filter = {}) {
    return listCallbacks(this.db, this.workspaceId, { limit: 100, ...filter })
  }

  count(table: 'callback' | 'callback_body' | 'attempt'): Promise<number> {
    return this.db
      .all(this.db.query.selectFrom(table).select('workspace_id').compile())
      .then(rows => rows.length)
  }
}

/** The same, but for how it writes. */
const writingBy = (
  db: Database,
  write: (work: (tx: Transaction) => Promise<number>) => Promise<number>,
): Database =>
  new Proxy(db, {
    get(target, name) {
      if (name === 'write') return write
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })

/** What becomes of a callback; `at` is when, or when it is due again. */
interface Settlement {
  readonly settle: 'delivered' | 'parked' | 'retry' | 'held'
  readonly at: number
}

/** Addresses and callbacks: what the courier and the operators rely on. */
export function outboxContract(open: OpenStore): void {
  describe('callback addresses', () => {
    test.each([
      'shop.example/hooks',
      'ftp://shop.example/',
      'https://user:secret@shop.example/',
      'https://user@shop.example/',
      'https://shop.example/#here',
      '',
    ])('ST-90 %j is no callback base', async url => {
      const { db, random, workspaceId } = await Scene.open(open)
      const set = setCallbackUrl(db, keyring, random, workspaceId, url, NOON)
      await expect(set).rejects.toThrow(CallbackUrlUnusable)
      expect(await findCallbackAddress(db, keyring, workspaceId, NOON)).toBeUndefined()
    })

    test('ST-91 the first address comes with a secret of 32 random bytes; a later one keeps it and its id', async () => {
      const { db, random, workspaceId } = await Scene.open(open)
      const first = await setCallbackUrl(db, keyring, random, workspaceId, URL, NOON)
      expect(first.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
      expect(await findCallbackAddress(db, keyring, workspaceId, NOON)).toEqual({
        addressId: first.addressId,
        baseUrl: URL,
        secrets: [first.secret],
        header: null,
      })
      expect(await setCallbackUrl(db, keyring, random, workspaceId, 'http://127.0.0.1:1', NOON)).toEqual(
        first,
      )
      expect(await findCallbackAddress(db, keyring, workspaceId, NOON)).toMatchObject({
        baseUrl: 'http://127.0.0.1:1',
      })
    })

    test('ST-92 the store does not show the secret, and another master key does not open it', async () => {
      const { db, random, workspaceId } = await Scene.open(open)
      const { secret } = await setCallbackUrl(db, keyring, random, workspaceId, URL, NOON)
      const row = await db.first(db.query.selectFrom('callback_address').selectAll().compile())
      expect(Buffer.from(row!.secrets_sealed).includes(secret)).toBe(false)
      const other = new Keyring(Buffer.alloc(32, 8))
      await expect(findCallbackAddress(db, other, workspaceId, NOON)).rejects.toThrow(SealBroken)
    })

    test('ST-93 an address that was taken away is not found; set again, it is the one that it was', async () => {
      const { db, random, workspaceId } = await Scene.open(open)
      expect(await clearCallbackUrl(db, workspaceId)).toBe(false)
      const first = await setCallbackUrl(db, keyring, random, workspaceId, URL, NOON)
      expect(await clearCallbackUrl(db, workspaceId)).toBe(true)
      expect(await clearCallbackUrl(db, workspaceId)).toBe(false)
      expect(await findCallbackAddress(db, keyring, workspaceId, NOON)).toBeUndefined()
      expect(await setCallbackUrl(db, keyring, random, workspaceId, URL, NOON)).toEqual(first)
    })
  })

  describe('owing', () => {
    test('CB-4 a write that is undone owes nothing', async () => {
      const box = await OutboxScene.open(open)
      const undone = async (tx: Transaction) => {
        await enqueueCallback(tx, box.workspaceId, owed('lost'), NOON)
        throw new Error('undone')
      }
      await expect(box.db.write(undone)).rejects.toThrow('undone')
      expect(await box.list()).toEqual([])
      expect(await box.count('callback_body')).toBe(0)
      expect(await box.due()).toEqual([])
    })

    test('CB-4 without an address nothing is owed', async () => {
      const { db, workspaceId } = await Scene.open(open)
      await db.write(tx => enqueueCallback(tx, workspaceId, owed('unheard'), NOON))
      expect(await listCallbacks(db, workspaceId, { limit: 1 })).toEqual([])
    })

    test('CB-4 what nobody is going to hear is not sent to the database', async () => {
      const { db, workspaceId, tenure, random } = await Scene.open(open)
      const statements: Statement[] = []
      const save = async (text: string) => {
        statements.length = 0
        const seen = { tenure, room: room('街', ['lin'], { topic: text }), at: NOON }
        await saveRoom(noteStatements(db, statements), seen, () => owed(text))
        return statements.some(({ parameters }) =>
          parameters.some(value => Buffer.isBuffer(value) && value.includes(text)),
        )
      }
      expect(await save('unheard')).toBe(false)
      await setCallbackUrl(db, keyring, random, workspaceId, URL, NOON)
      expect(await save('heard')).toBe(true)
    })

    test('CB-4 while the address is taken away nothing more is owed, and what is owed is held', async () => {
      const box = await OutboxScene.open(open)
      await box.owe('R:1', 'before')
      await clearCallbackUrl(box.db, box.workspaceId)
      await box.owe('R:1', 'meanwhile')
      expect((await box.address()).baseUrl).toBeNull()
      await setCallbackUrl(box.db, keyring, box.scene.random, box.workspaceId, URL, NOON)
      expect((await box.address()).baseUrl).toBe(URL)
      expect(await box.list()).toHaveLength(1)
    })

    test('CB-9 each callback has a webhook-id of its own', async () => {
      const box = await OutboxScene.open(open)
      for (const room of ['R:1', 'R:1', 'R:2']) await box.owe(room, 'x')
      const ids = (await box.list()).map(({ webhookId }) => webhookId)
      expect(new Set(ids).size).toBe(3)
      for (const id of ids) expect(id).toMatch(/^msg_[A-Za-z0-9_-]{24}$/)
    })
  })

  describe('what an address is owed', () => {
    test('CB-8 the first of a room is the oldest of its callbacks that is not settled', async () => {
      const box = await OutboxScene.open(open)
      for (const text of ['a', 'b', 'c']) await box.owe('R:1', text)
      const first = await box.first()
      expect([await box.textOf(first), first.attempt, first.kind]).toEqual(['a', 0, 'chatroom/joined'])
      await box.settle(first, { settle: 'delivered', at: NOON })
      await box.settle(await box.first(), { settle: 'parked', at: NOON })
      expect(await box.textOf(await box.first())).toBe('c')
    })

    test('CB-8 one that waits for its retry keeps its position', async () => {
      const box = await OutboxScene.open(open)
      await box.owe('R:1', 'a')
      await box.owe('R:1', 'b')
      await box.settle(await box.first(), { settle: 'retry', at: NOON + 1000 }, failed)
      const after = await box.first()
      expect([await box.textOf(after), after.attempt, after.dueAt]).toEqual(['a', 1, NOON + 1000])
    })

    test('CB-8 of a room the first few are read: those that are new, those that wait, and those that are replayed', async () => {
      const box = await OutboxScene.open(open)
      for (let n = 1; n <= 60; n++) await box.owe('R:1', `${n}`)
      await box.db.write(async tx => {
        const set = (facts: { attempt?: number; replay_id?: string }, until: number, from: number) =>
          tx.run(
            tx.query
              .updateTable('callback')
              .set(facts)
              .where('id', '>', from)
              .where('id', '<=', until)
              .compile(),
          )
        await set({ attempt: EXHAUSTED_ATTEMPT }, 20, 0)
        await set({ replay_id: 'by-hand' }, 40, 20)
      })
      const ids = (await box.due()).map(({ id }) => id)
      const from = (first: number) => Array.from({ length: 16 }, (_, n) => first + n)
      expect(ids).toEqual([...from(1), ...from(21), ...from(41)])
    })

    test('CB-12 what is new is found behind a callback, what is replayed wherever it is', async () => {
      const box = await OutboxScene.open(open)
      const replayed = await box.settled('R:1', 'parked')
      await box.owe('R:2', 'seen')
      const [seen] = await box.due()
      expect(await box.due(seen!.id)).toEqual([])
      await replayCallback(box.db, box.workspaceId, replayed, NOON)
      await box.owe('R:3', 'new')
      expect((await box.due(seen!.id)).map(({ laneKey }) => laneKey)).toEqual(['R:1', 'R:3'])
    })

    test('CB-12 an address is run by one node; who comes later finds it taken, and one that left gives it back', async () => {
      const box = await OutboxScene.open(open)
      await enterNode(box.db, 'them', null)
      expect(await claimAddresses(box.db, 'them', 9)).toBe(0)
      expect(await countAddresses(box.db, 'us')).toEqual({ all: 1, free: 0, mine: 1 })
      const before = await box.address()
      await leaveNode(box.db, 'us')
      expect(await countAddresses(box.db, 'them')).toEqual({ all: 1, free: 1, mine: 0 })
      expect(await claimAddresses(box.db, 'nobody', 9)).toBe(0)
      expect(await claimAddresses(box.db, 'them', 9)).toBe(1)
      const [after] = await readAddresses(box.db, 'them')
      expect(after!.fence).toBeGreaterThan(before.fence)
      await releaseAddress(box.db, before)
      expect(await countAddresses(box.db, 'them')).toEqual({ all: 1, free: 0, mine: 1 })
    })

    test('CB-12 whoever lost an address changes nothing any more', async () => {
      const box = await OutboxScene.open(open)
      await box.owe('R:1', 'a')
      const callback = await box.first()
      const lost = await box.address()
      await releaseAddress(box.db, lost)
      await claimAddresses(box.db, 'us', 1)
      for (const tells of [null, { what: 'exhausted', callbackId: callback.id } as const])
        expect(await box.settle(callback, { settle: 'parked', at: NOON }, answered, tells, lost)).toEqual({
          address: undefined,
          change: null,
        })
      expect(await box.list()).toMatchObject([{ state: 'due', attempt: 0, dueAt: NOON }])
      expect(await box.count('attempt')).toBe(0)
      const { address } = await box.settle(callback, { settle: 'delivered', at: NOON })
      expect(address).toEqual(await box.address())
      expect(await box.list()).toMatchObject([{ state: 'delivered', attempt: 1 }])
    })

    test('CB-12 a batch that is told a second time, because its commit was cut off, changes nothing', async () => {
      const box = await OutboxScene.open(open)
      await box.owe('R:1', 'a')
      const callback = await box.first()
      for (let told = 0; told < 2; told++)
        await box.settle(callback, { settle: 'retry', at: NOON + 1000 }, failed)
      expect(await box.list()).toMatchObject([{ attempt: 1, dueAt: NOON + 1000 }])
      expect(await box.count('attempt')).toBe(1)
    })

    test('CB-12 a batch settles callbacks of many addresses, each under its own fence', async () => {
      const box = await OutboxScene.open(open)
      const other = await OutboxScene.in(await Scene.in(box.db, box.scene.random))
      const batch: Settled[] = []
      for (const each of [box, other]) {
        await each.owe('R:1', 'a')
        const callback = await each.first()
        const to = { state: 'delivered', attempt: 1, dueAt: NOON, faults: 0, settledAt: NOON } as const
        const address = await each.address()
        batch.push({ address, callback, to, attempt: answered, tells: null, accepted: null })
      }
      batch[1] = { ...batch[1]!, address: { ...batch[1]!.address, fence: 99 } }
      const after = await settleCallbacks(box.db, batch, async () => NOON)
      expect(after.get(box.addressId)!.address).toEqual(await box.address())
      expect(after.get(other.addressId)!.address).toBeUndefined()
      expect([await box.list(), await other.list()]).toMatchObject([
        [{ state: 'delivered', attempt: 1 }],
        [{ state: 'due', attempt: 0 }],
      ])
    })
  })

  describe('the history of a callback', () => {
    test('CB-6 attempts are counted through, also over a replay', async () => {
      const box = await OutboxScene.open(open)
      await box.owe('R:1', 'a')
      const { id } = await box.first()
      await box.settle(await box.first(), { settle: 'retry', at: NOON + 1 }, failed)
      await box.settle(await box.first(), { settle: 'parked', at: NOON + 5 })
      expect(await box.list()).toMatchObject([
        { state: 'parked', attempt: 2, settledAt: NOON + 5, lastStatus: 200, lastError: null },
      ])
      await replayCallback(box.db, box.workspaceId, id, NOON + 9)
      await box.settle(await box.first(), { settle: 'retry', at: NOON + 99 }, failed)
      expect(await box.list()).toMatchObject([
        { state: 'due', attempt: 1, dueAt: NOON + 99, settledAt: null, lastStatus: null, lastError: 'reset' },
      ])
      const { attempts } = (await findCallback(box.db, box.workspaceId, id))!
      expect(attempts.map(({ n, outcome }) => [n, outcome])).toEqual([
        [1, 'failed'],
        [2, 'answered'],
        [3, 'failed'],
      ])
      expect(attempts[1]).toEqual({ n: 2, ...answered })
    })

    test('CB-6 a fault of ours leaves no attempt', async () => {
      const box = await OutboxScene.open(open)
      await box.owe('R:1', 'a')
      await box.settle(await box.first(), { settle: 'retry', at: NOON + 60_000 }, null)
      expect(await box.list()).toMatchObject([{ state: 'due', attempt: 0, dueAt: NOON + 60_000 }])
      expect(await box.count('attempt')).toBe(0)
    })

    test('CB-8 a callback is found by its id and by its webhook-id, with its body', async () => {
      const box = await OutboxScene.open(open)
      await box.owe('R:1', '{"topic":"大街小巷"}')
      const record = (await box.list())[0]!
      const found = { ...record, attempts: [], body: '{"topic":"大街小巷"}' }
      expect(await findCallback(box.db, box.workspaceId, record.id)).toEqual(found)
      expect(await findCallback(box.db, box.workspaceId, record.webhookId)).toEqual(found)
      expect(await findCallback(box.db, nowhere, record.webhookId)).toBeUndefined()
      expect(await findCallback(box.db, box.workspaceId, record.id + 1)).toBeUndefined()
    })

    test('CB-8 callbacks are listed newest first, page by page, by state, kind and room', async () => {
      const box = await OutboxScene.open(open)
      const parked = await box.settled('R:1', 'parked')
      const delivered = await box.settled('R:2', 'delivered')
      await box.owe('R:1', 'due')
      const due = delivered + 1
      const ids = async (filter = {}) => (await box.list(filter)).map(({ id }) => id)
      expect(await ids()).toEqual([due, delivered, parked])
      expect(await ids({ limit: 2 })).toEqual([due, delivered])
      expect(await ids({ limit: 2, before: delivered })).toEqual([parked])
      expect(await ids({ state: 'parked' })).toEqual([parked])
      expect(await ids({ roomWxid: 'R:1' })).toEqual([due, parked])
      expect(await ids({ kind: 'chatroom/joined', state: 'due', roomWxid: 'R:1' })).toEqual([due])
      expect(await ids({ kind: 'chatroom/loaded' })).toEqual([])
      expect(await listCallbacks(box.db, nowhere, { limit: 9 })).toEqual([])
    })
  })

  describe('replaying', () => {
    test('CB-8 what is not there, or another workspace’s, cannot be replayed; what is due need not be', async () => {
      const box = await OutboxScene.open(open)
      await box.owe('R:1', 'a')
      const { id } = (await box.list())[0]!
      expect(await replayCallback(box.db, box.workspaceId, id + 1, NOON)).toBe('unknown')
      expect(await replayCallback(box.db, nowhere, id, NOON)).toBe('unknown')
      expect(await replayCallback(box.db, box.workspaceId, id, NOON + 5)).toBe('pending')
      expect(await box.list()).toMatchObject([{ dueAt: NOON }])
    })

    test.each(['parked', 'delivered'] as const)(
      'CB-9 a %s callback is due again under the same webhook-id',
      async state => {
        const box = await OutboxScene.open(open)
        const id = await box.settled('R:1', state)
        const before = (await findCallback(box.db, box.workspaceId, id))!
        expect(await replayCallback(box.db, box.workspaceId, id, NOON + 5)).toBe('replayed')
        const due = { ...before, state: 'due', attempt: 0, dueAt: NOON + 5, settledAt: null }
        expect(await findCallback(box.db, box.workspaceId, id)).toEqual(due)
        const first = await box.first()
        expect([first.webhookId, await box.textOf(first), first.attempt]).toEqual([
          before.webhookId,
          before.body,
          0,
        ])
      },
    )
  })

  describe('looked through in slices', () => {
    test('ST-106 a list finds what is far behind, in the order of a list, page by page', async () => {
      const box = await OutboxScene.open(open)
      await box.settled('R:old', 'delivered')
      await box.settled('R:old', 'parked')
      await box.parkMany(2 * CALLBACKS_PER_SLICE + 3)
      const page = (filter: CallbackFilter, limit: number, before?: number) =>
        listCallbacks(box.db, box.workspaceId, { ...filter, limit, before })
      const ids = async (...asked: Parameters<typeof page>) => (await page(...asked)).map(({ id }) => id)
      expect(await ids({ roomWxid: 'R:old' }, 9)).toEqual([2, 1])
      expect(await ids({ roomWxid: 'R:old' }, 1)).toEqual([2])
      expect(await ids({ roomWxid: 'R:old' }, 9, 2)).toEqual([1])
      expect(await ids({ roomWxid: 'R:nowhere' }, 9)).toEqual([])
      expect(await ids({ state: 'delivered' }, 9)).toEqual([1])
      expect(await ids({ owedUntil: 3 }, 9)).toEqual([1002, 1001])
      const all = await ids({}, 2 * CALLBACKS_PER_SLICE)
      expect(all).toEqual(all.toSorted((one, other) => other - one))
      expect(new Set(all).size).toBe(2 * CALLBACKS_PER_SLICE)
      expect(await ids({}, 2, 1002)).toEqual([1001, 2])
    })

    test('ST-106 a replay counts and finds them as well', async () => {
      const box = await OutboxScene.open(open)
      await box.settled('R:1', 'delivered')
      await box.parkMany(2 * CALLBACKS_PER_SLICE + 3)
      const count = async (filter: ReplayFilter) =>
        (await countReplayable(box.db, box.workspaceId, filter)).count
      expect(await count({})).toBe(2 * CALLBACKS_PER_SLICE + 4)
      expect(await count({ state: 'delivered' })).toBe(1)
      expect(await count({ roomWxid: 'R:nowhere' })).toBe(0)
      const until = 2 * CALLBACKS_PER_SLICE + 2
      expect(await count({ owedFrom: until, owedUntil: until + 1 })).toBe(1)

      const begin = (filter: ReplayFilter) =>
        startReplay(box.db, box.scene.random, box.workspaceId, filter, NOON)
      const step = (id: string) => stepReplay(box.db, box.workspaceId, id, NOON)
      const nowhere = (await begin({ roomWxid: 'R:nowhere' }))!
      expect(await step(nowhere.id)).toBe(0)
      const last = (await begin({ owedFrom: until, owedUntil: until + 1 }))!
      expect(await step(last.id)).toBe(1)
      expect(await box.list({ state: 'due' })).toMatchObject([{ id: 1000 + until }])
      const ended = (await listReplays(box.db, box.workspaceId)).map(({ state }) => state)
      expect(ended).toEqual(['done', 'done'])
    })
  })

  describe('forgetting', () => {
    const FAR = NOON + 1_000_000
    const prune = (box: OutboxScene, state: 'delivered' | 'parked', before: number, after = 0, now = FAR) =>
      pruneCallbacks(box.db, { workspaceId: box.workspaceId, state }, { before, now }, 2, after)

    test('ST-94 old settled callbacks go with bodies and attempts, delivered and parked ones each in their time', async () => {
      const box = await OutboxScene.open(open)
      await box.settled('R:1', 'delivered', NOON)
      await box.settled('R:2', 'parked', NOON)
      const kept = [
        await box.settled('R:3', 'delivered', NOON + 10),
        await box.settled('R:4', 'parked', NOON + 2),
      ]
      await box.owe('R:5', 'due')
      const gone = { forgotten: 1, passed: 1, next: null }
      expect(await prune(box, 'delivered', NOON + 10)).toEqual(gone)
      expect(await prune(box, 'parked', NOON + 1)).toEqual(gone)
      expect((await box.list()).map(({ id }) => id)).toEqual([kept[1]! + 1, kept[1], kept[0]])
      const left = [box.count('callback'), box.count('callback_body'), box.count('attempt')]
      expect(await Promise.all(left)).toEqual([3, 3, 2])
    })

    test('ST-95 at most so many in a write, the oldest first', async () => {
      const box = await OutboxScene.open(open)
      for (const at of [3, 1, 2]) await box.settled(`R:${at}`, 'delivered', NOON + at)
      const writes: number[] = []
      const db = writingBy(box.db, async work => {
        const forgotten = await box.db.write(work)
        writes.push(forgotten)
        return forgotten
      })
      const settled = { workspaceId: box.workspaceId, state: 'delivered' } as const
      const pruned = await pruneCallbacks(db, settled, { before: NOON + 9, now: FAR }, 2)
      expect(pruned).toEqual({ forgotten: 3, passed: 0, next: null })
      expect(writes).toEqual([2, 1])
    })

    test('ST-105 those that were settled late are walked past, a bounded look at a time', async () => {
      const box = await OutboxScene.open(open)
      await box.parkMany(READ_AT_ONCE_MAX + 5, NOON)
      const next = 1000 + READ_AT_ONCE_MAX
      expect(await prune(box, 'parked', NOON - 1)).toEqual({ forgotten: 0, passed: READ_AT_ONCE_MAX, next })
      expect(await prune(box, 'parked', NOON - 1, next)).toEqual({ forgotten: 0, passed: 5, next: null })
    })

    test('ST-105 what was owed too late to go ends the walk, unless the clock was ahead then', async () => {
      const box = await OutboxScene.open(open)
      for (const [room, at] of [
        ['R:ahead', NOON + 500],
        ['R:old', NOON],
        ['R:young', NOON + 100],
        ['R:hidden', NOON],
      ] as const) {
        await box.owe(room, room, at)
        await box.settle((await box.due()).find(({ laneKey }) => laneKey === room)!, {
          settle: 'delivered',
          at,
        })
      }
      const now = NOON + 200
      expect(await prune(box, 'delivered', NOON + 50, 0, now)).toEqual({
        forgotten: 1,
        passed: 1,
        next: null,
      })
      expect((await box.list()).map(({ laneKey }) => laneKey)).toEqual(['R:hidden', 'R:young', 'R:ahead'])
      // In its time it hides nothing any more.
      expect(await prune(box, 'delivered', NOON + 101, 0, now)).toMatchObject({ forgotten: 2 })
      expect(await prune(box, 'delivered', NOON + 501, 0, FAR)).toMatchObject({ forgotten: 1 })
    })

    test('ST-105 what is replayed and settled again meanwhile stays', async () => {
      const box = await OutboxScene.open(open)
      const id = await box.settled('R:1', 'delivered', NOON)
      const db = writingBy(box.db, async work => {
        await replayCallback(box.db, box.workspaceId, id, NOON + 1)
        await box.settle(await box.first(), { settle: 'delivered', at: NOON + 2 })
        return box.db.write(work)
      })
      const settled = { workspaceId: box.workspaceId, state: 'delivered' } as const
      expect(await pruneCallbacks(db, settled, { before: NOON + 1, now: FAR }, 2)).toMatchObject({
        forgotten: 0,
      })
      expect(await box.count('callback')).toBe(1)
    })
  })
}
