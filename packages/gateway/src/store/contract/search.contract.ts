import { noteStatements } from '@qunhub/testing/note-statements.ts'
import { describe, expect, test } from 'vitest'
import type { CallbackState } from '../../model/callback.ts'
import { HOUR_MS, MINUTE_MS } from '../../system/clock.ts'
import type { Statement } from '../database/database.ts'
import { countReplayable } from '../outbox/replays.ts'
import { countByState, searchCallbacks } from '../outbox/search-callbacks.ts'
import { CALLBACKS_PER_SLICE, type Fitting } from '../outbox/slices.ts'
import { account, NOON, type OpenStore, room, Scene } from './scene.contract.ts'

interface Kept {
  readonly room?: string
  readonly state?: CallbackState
  /** Of its attempts, the last one last; null: no answer came. */
  readonly statuses?: readonly (number | null)[]
  readonly owedAt?: number
}

/** Looking for callbacks among many. */
export function searchContract(open: OpenStore): void {
  describe('searching callbacks', () => {
    test('CON-31 callbacks are found by what the last attempt was answered', async () => {
      const box = await SearchScene.open(open)
      await box.keep([
        { state: 'delivered', statuses: [500, 200] },
        { state: 'parked', statuses: [200, 404] },
        { state: 'parked', statuses: [null, 503] },
        { state: 'due', statuses: [302] },
        { state: 'due', statuses: [503, null] },
        { state: 'quarantined', statuses: [] },
        { state: 'due', statuses: [204] },
      ])
      const found = async (status: Fitting['status'], but: Fitting = {}) => box.ids({ ...but, status })
      expect(await found('2xx')).toEqual([7, 1])
      expect(await found('3xx')).toEqual([4])
      expect(await found('4xx')).toEqual([2])
      expect(await found('5xx')).toEqual([3])
      expect(await found('none')).toEqual([5])
      expect(await found('5xx', { state: 'due' })).toEqual([])
      expect(await found('2xx', { state: 'due' })).toEqual([7])
      expect(await countReplayable(box.db, box.workspaceId, { status: '4xx' })).toEqual(whole(1))
      expect(await box.counts({ status: '5xx' })).toEqual({ due: 0, delivered: 0, parked: 1, quarantined: 0 })
    })

    test('CON-31 a bot’s are those of the rooms that it is in, or was', async () => {
      const box = await SearchScene.open(open)
      const { scene } = box
      const other = await scene.hostBot(account('nan'))
      await scene.save(room('1', ['lin']))
      await scene.save(room('2', ['lin']), { botId: other })
      await scene.save(room('3', ['lin']))
      await scene.leave('3')
      await box.keep([1, 2, 3, 4].map(at => ({ room: `R:${at}`, state: 'parked' })))
      expect(await box.ids({ botId: scene.botId })).toEqual([3, 1])
      expect(await box.ids({ botId: other })).toEqual([2])
      expect(await box.ids({ botId: other, roomWxid: 'R:1' })).toEqual([])
      expect(await countReplayable(box.db, box.workspaceId, { botId: scene.botId })).toEqual(whole(2))
    })

    test('CON-31 a room’s, a state’s and those of a time are found in their order, page by page', async () => {
      const box = await SearchScene.open(open)
      const states = ['delivered', 'parked', 'due'] as const
      await box.keep(
        Array.from({ length: 3 * CALLBACKS_PER_SLICE }, (_, at) => ({
          ...{ room: `R:${at % 500}`, state: states[at % 3]!, owedAt: NOON + at * MINUTE_MS },
        })),
      )
      const first = await box.page({ roomWxid: 'R:7' }, { limit: 2 })
      expect(first).toEqual({ ids: [2508, 2008], next: 2008 })
      expect(await box.page({ roomWxid: 'R:7' }, { limit: 9, before: 2008 })).toEqual({
        ...{ ids: [1508, 1008, 508, 8], next: null },
      })
      expect(await box.ids({ roomWxid: 'R:7', state: 'parked' })).toEqual([1508, 8])
      const range = { owedFrom: NOON + 100 * MINUTE_MS, owedUntil: NOON + 103 * MINUTE_MS }
      expect(await box.ids(range)).toEqual([103, 102, 101])
      expect(await box.counts(range)).toEqual({ due: 1, delivered: 1, parked: 1, quarantined: 0 })
      expect((await box.page({}, { limit: 9, only: 77 })).ids).toEqual([77])
      expect((await box.page({ state: 'due' }, { limit: 9, only: 77 })).ids).toEqual([])
    })

    test('CON-31 what was owed out of order, within an hour, is found by its time all the same', async () => {
      const box = await SearchScene.open(open)
      const back = NOON + 2 * HOUR_MS - 50 * MINUTE_MS
      await box.keep([{}, { owedAt: NOON + 2 * HOUR_MS }, { owedAt: back }, { owedAt: NOON + 4 * HOUR_MS }])
      expect(await box.ids({ owedFrom: back, owedUntil: back + 1 })).toEqual([3])
      expect(await box.ids({ owedUntil: NOON + 1 })).toEqual([1])
      expect(await box.ids({ owedFrom: NOON + 3 * HOUR_MS })).toEqual([4])
    })

    test('CON-31 CON-32 a rare one is looked for so far and no further; the answer says from where to look on', async () => {
      const box = await SearchScene.open(open)
      await box.keep([
        { room: 'R:rare', state: 'delivered' },
        ...Array.from({ length: 21 * CALLBACKS_PER_SLICE }, () => ({ state: 'delivered' as const })),
      ])
      await box.scene.save(room('elsewhere', ['lin']))
      const statements: Statement[] = []
      const db = noteStatements(box.db, statements)
      const bot = { botId: box.scene.botId }
      const page = await searchCallbacks(db, box.workspaceId, { ...bot, limit: 50 })
      expect(page).toEqual({ callbacks: [], next: CALLBACKS_PER_SLICE + 2 })
      // Whether the bot has rooms at all, and its slices.
      expect(statements).toHaveLength(1 + 80)
      expect(await box.page(bot, { limit: 50, before: page.next! })).toEqual({ ids: [], next: null })
      expect(await box.ids({ roomWxid: 'R:rare' })).toEqual([1])
      const [early, never] = [() => true, { ...bot, limit: 50 }]
      const cut = await searchCallbacks(db, box.workspaceId, never, early)
      expect(cut).toEqual({ callbacks: [], next: 20_752 })
      const kind = { kind: 'chatroom/joined' }
      expect((await countByState(box.db, box.workspaceId, kind, early)).delivered).toEqual({
        ...{ count: CALLBACKS_PER_SLICE, atLeast: true },
      })
      expect((await countByState(box.db, box.workspaceId, { kind: 'chatroom/joined' })).delivered).toEqual({
        ...{ count: 5 * CALLBACKS_PER_SLICE, atLeast: true },
      })
      expect((await countByState(box.db, box.workspaceId, {})).delivered).toEqual({
        ...{ count: 10_000, atLeast: true },
      })
    })

    test('CON-31 what can fit nothing is not looked for', async () => {
      const box = await SearchScene.open(open)
      await box.keep([{ state: 'delivered', statuses: [200] }])
      const statements: Statement[] = []
      const db = noteStatements(box.db, statements)
      const nothing = { callbacks: [], next: null }
      for (const none of [{ botId: 'nobody' }, { state: 'delivered', status: '5xx' }] as const) {
        expect(await searchCallbacks(db, box.workspaceId, { ...none, limit: 50 })).toEqual(nothing)
        expect(await countReplayable(db, box.workspaceId, none)).toEqual(whole(0))
      }
      // The rooms of the bot, and those that were left.
      expect(statements).toHaveLength(2 * 2)
      expect((await countByState(db, box.workspaceId, { status: '5xx' })).delivered).toEqual(whole(0))
    })
  })
}

const whole = (count: number) => ({ count, atLeast: false })

class SearchScene {
  readonly scene: Scene
  readonly addressId: string

  private constructor(scene: Scene, addressId: string) {
    this.scene = scene
    this.addressId = addressId
  }

  static async open(open: OpenStore): Promise<SearchScene> {
    const scene = await Scene.open(open)
    await scene.listen()
    const { id } = (await scene.db.first(
      scene.db.query.selectFrom('callback_address').select('id').compile(),
    ))!
    return new SearchScene(scene, id)
  }

  get db() {
    return this.scene.db
  }
  get workspaceId() {
    return this.scene.workspaceId
  }

  /** Numbered from 1. */
  async keep(kept: readonly Kept[]): Promise<void> {
    const rows = kept.map(({ room: lane_key = 'R:x', state = 'due', owedAt = NOON }, at) => ({
      ...{ workspace_id: this.workspaceId, id: at + 1, webhook_id: `msg${at}`, address_id: this.addressId },
      ...{ lane_key, kind: 'chatroom/joined', state, due_at: NOON, body_id: 1, owed_at: owedAt },
      settled_at: state === 'due' ? null : NOON,
    }))
    const attempts = kept.flatMap(({ statuses = [] }, at) =>
      statuses.map((status, n) => ({
        ...{ workspace_id: this.workspaceId, callback_id: at + 1, n: n + 1, started_at: NOON, ms: 1, status },
        outcome: status === null ? 'failed' : 'answered',
      })),
    )
    await this.db.write(async tx => {
      for (let at = 0; at < rows.length; at += 1000)
        await tx.run(
          tx.query
            .insertInto('callback')
            .values(rows.slice(at, at + 1000))
            .compile(),
        )
      if (attempts.length > 0) await tx.run(tx.query.insertInto('attempt').values(attempts).compile())
    })
  }

  async page(fitting: Fitting, page: { limit: number; before?: number; only?: number }) {
    const { callbacks, next } = await searchCallbacks(this.db, this.workspaceId, { ...fitting, ...page })
    return { ids: callbacks.map(({ id }) => id), next }
  }

  ids = async (fitting: Fitting): Promise<number[]> => (await this.page(fitting, { limit: 50 })).ids

  async counts(fitting: Fitting): Promise<Record<string, number>> {
    const counts = await countByState(this.db, this.workspaceId, fitting)
    return Object.fromEntries(Object.entries(counts).map(([state, { count }]) => [state, count]))
  }
}
