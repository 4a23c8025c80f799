/** People who change while somebody has read of them and has not kept it yet: in the end everybody is shown as he is. */
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { openOwnStore } from '@qunhub/testing/open-own-store.ts'
import { lendStore } from '@qunhub/testing/postgres/lent-store.ts'
import type { ContactWxid, RoomWxid } from '@qunhub/wire'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Room } from '../model/room.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import { ReadOnce } from '../puppet/read-once.ts'
import {
  account,
  contact,
  NOON,
  room,
  roomWxidOf,
  Scene,
  seededRandom,
} from '../store/contract/scene.contract.ts'
import type { Store } from '../store/database/open-store.ts'
import { silentLog } from '../system/log.ts'
import { followHint } from './follow-hint.ts'
import { keepContact, keepRoom } from './keep-room.ts'
import { RequestsInRooms } from './requests-in-rooms.ts'
import { RoomNotes } from './room-notes.ts'
import { syncBot } from './sync-bot.ts'

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e6))
const STEPS = 12
const ME = account('bei')
const ROOMS = ['街', '巷'].map(roomWxidOf)
const PEOPLE = ['lin', 'mo', 'zhu'].map(name => contact(name))

/** A bot, the people of its world, and reads that answer with how they were at some moment of theirs. */
async function openWorld(store: Store, seed: number) {
  const { fraction } = seededRandom(seed)
  const below = (max: number) => Math.floor(fraction() * max)
  const some = async (max: number) => {
    for (let ticks = below(max); ticks > 0; ticks--) await new Promise(resolve => setImmediate(resolve))
  }
  const scene = await Scene.in(store.db, seededRandom(seed))
  const world = new Map(PEOPLE.map(person => [person.wxid, person]))
  const inRooms = new Map(
    ROOMS.map(wxid => [wxid, PEOPLE.filter(() => fraction() < 0.6).map(each => each.wxid)]),
  )
  const once = new Set<ReadOnce>()
  const read = async (wxids: readonly ContactWxid[]) => {
    await some(4)
    const contacts = wxids.flatMap(wxid => world.get(wxid) ?? [])
    await some(8)
    return contacts
  }
  const readElsewhere = (wxids: readonly ContactWxid[]) => {
    for (const each of once) each.forget(wxids)
    return read(wxids)
  }
  const roomOf = async (wxid: RoomWxid, readSome: typeof read): Promise<Room> =>
    room(wxid.slice(2), [contact('bei', { wxid: ME.wxid }), ...(await readSome(inRooms.get(wxid)!))])
  const bot = {
    ...{ bot: { id: scene.botId, workspaceId: scene.workspaceId }, tenure: scene.tenure, account: ME },
    ...{
      isStarting: false,
      keepTurn: () => some(30),
      hasHintOf: () => false,
      lookAgain() {},
      refreshAccount: async () => null,
    },
    listRooms: async () => ROOMS,
    listContacts: async () => PEOPLE.slice(0, 2).map(each => each.wxid),
    readRoom: (wxid: RoomWxid) => roomOf(wxid, readElsewhere),
    readContact: async (wxid: ContactWxid) => (await readElsewhere([wxid]))[0]!,
    readContacts: readElsewhere,
    async *readRooms(wxids: readonly RoomWxid[]) {
      const mine = new ReadOnce()
      once.add(mine)
      for (const wxid of wxids)
        yield { wxid, room: await roomOf(wxid, ids => mine.contacts(ids, read)), failure: null }
      once.delete(mine)
    },
  } as unknown as HostedBot
  const deps = {
    ...{ db: scene.db, clock: new ManualClock(NOON), log: silentLog, notes: new RoomNotes() },
    ...{ isTimeTheClocks: true, wakeCourier() {}, requests: new RequestsInRooms() },
  }
  const oneOf = <T>(all: readonly T[]): T => all[below(all.length)]!
  return { scene, world, bot, deps, below, oneOf, some }
}

async function live({ scene, world, bot, deps, below, oneOf, some }: Awaited<ReturnType<typeof openWorld>>) {
  const { notes } = deps
  let events = Promise.resolve()
  const steps = [
    async function change() {
      const { wxid } = oneOf(PEOPLE)
      const before = world.get(wxid)!
      world.set(wxid, { ...before, name: `${wxid} ${below(1e6)}`, isFriend: below(2) === 0 })
      for (const each of [...Array(1 + below(2))]) {
        void each
        events = events.then(async () =>
          followHint(deps, bot, { kind: 'contact-changed', contactWxid: wxid }),
        )
      }
      await events
    },
    async function lookIntoRoom() {
      const begun = notes.begin()
      const seen = await bot.readRoom(oneOf(ROOMS))
      await some(40)
      await keepRoom(deps, bot, { room: seen!, begun }, () => ({ why: 'witnessed' }))
    },
    async function nameSomebody() {
      const begun = notes.begin()
      const read = await bot.readContact(oneOf(PEOPLE).wxid)
      await some(40)
      await keepContact(deps, bot, { contact: read!, begun })
    },
  ]
  const underWay: Promise<unknown>[] = [syncBot(deps, bot, 'reconciled', new AbortController().signal)]
  for (let step = 0; step < STEPS; step++) {
    underWay.push(oneOf(steps)())
    await some(12)
    if (step === STEPS / 2) underWay.push(syncBot(deps, bot, 'reconciled', new AbortController().signal))
  }
  // What a sync has collected, it keeps when a tenth of a second is over.
  let isOver = false
  const over = Promise.all(underWay).finally(() => {
    isOver = true
  })
  while (!isOver) {
    deps.clock.advance(10)
    await new Promise(resolve => setImmediate(resolve))
  }
  await over
  const rows = await scene.rowsOf('contact')
  const shown = rows.filter(({ wxid }) => world.has(wxid as ContactWxid))
  return {
    shown: shown.map(row => `${row.name} ${row.is_friend}`).toSorted(),
    real: shown
      .map(row => world.get(row.wxid as ContactWxid)!)
      .map(each => `${each.name} ${Number(each.isFriend)}`)
      .toSorted(),
  }
}

const onPostgres = async (): Promise<Store> => {
  const { store, giveBack } = await lendStore()
  onTestFinished(giveBack)
  return store
}

describe.each([
  ['SQLite', openOwnStore, 150],
  ['PostgreSQL', onPostgres, 50],
] as const)('%s', (_dialect, open, times) => {
  test(`CB-4 nobody is kept as he was read before somebody else has read and kept him: SEED=${SEED}`, async () => {
    const store = await open()
    for (let n = 0; n < times; n++) {
      const { shown, real } = await live(await openWorld(store, SEED + n))
      expect(shown, `SEED=${SEED + n}`).toEqual(real)
    }
  })
})
