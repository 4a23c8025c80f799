import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import type { RoomWxid } from '@qunhub/wire'
import { expect, onTestFinished, test } from 'vitest'
import { FreshContacts } from '../puppet/fresh-contacts.ts'
import type { HostedBot, ReadOfMany } from '../puppet/hosted-bot.ts'
import { PuppetTimeout } from '../puppet/puppet-failures.ts'
import { account, contact, NOON, room, Scene } from '../store/contract/scene.contract.ts'
import { openStore } from '../store/database/open-store.ts'
import { silentLog } from '../system/log.ts'
import { keepContact, keepRoom } from './keep-room.ts'
import { RoomNotes } from './room-notes.ts'
import { syncMissing } from './sync-missing.ts'
import { syncListed } from './sync-rooms.ts'

const ME = account('bei')
const INSIDE = room('街', ['lin', contact('bei', { wxid: ME.wxid })])
const OUTSIDE = room('街', ['lin'])
const { wxid } = INSIDE

type Look = Awaited<ReturnType<typeof openLook>>
const followEvent = async ({ sync: { deps, bot } }: Look) => {
  await keepRoom(deps, bot, { room: INSIDE, begun: deps.notes.begin() }, () => ({ why: 'witnessed' }))
}

/** A first look at a bot's one room. Before it is read, something happens: an event of it is followed and the room kept. */
async function openLook(
  reads: Omit<ReadOfMany, 'wxid'>,
  meanwhile: (look: Look) => Promise<void> = followEvent,
) {
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-look-'))
  const store = await openStore({ dataDir })
  onTestFinished(async () => {
    await store.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  const scene = await Scene.open(async () => store)
  const { db, botId, workspaceId, tenure } = scene
  const notes = new RoomNotes()
  const deps = {
    ...{ db, clock: new ManualClock(NOON), log: silentLog, notes },
    ...{ isTimeTheClocks: true, wakeCourier() {} },
  }
  const bot = {
    ...{ bot: { id: botId, workspaceId }, tenure, account: ME, isStarting: false },
    ...{ keepTurn: async () => {}, hasHintOf: () => false },
    async *readRooms(wxids: Iterable<RoomWxid>) {
      await meanwhile(look)
      for (const each of wxids) yield { wxid: each, ...reads }
    },
  } as unknown as HostedBot
  const { signal } = new AbortController()
  const survey = notes.beginSurvey(bot, { reason: 'reconciled', signal })
  const look = { sync: { deps, bot, survey, signal, fresh: new FreshContacts() }, scene, notes, tenure }
  return look
}

test('BOT-277 CB-2 a room that hangs is not missed where an event has told all of it meanwhile', async () => {
  const { sync, notes, tenure } = await openLook({ room: null, failure: new PuppetTimeout('it hangs') })
  const told = await syncListed(sync, [wxid], { known: new Set(), begun: notes.begin() })
  expect(told).toMatchObject({ rooms: 0, unreadable: 0 })
  expect(notes.meaning(tenure, wxid, { why: 'witnessed' })).toEqual({ why: 'witnessed' })
})

test('BOT-252 a room that is shown without the bot, and was seen with it since, is not counted as left, nor doubted', async () => {
  const { sync } = await openLook({ room: OUTSIDE, failure: null })
  sync.survey.listed = new Set(['R:other' as never])
  expect(await syncMissing(sync, [wxid])).toMatchObject({ left: 0, doubtful: 0 })
})

test.each([
  ['listed', syncListed],
  ['missing', (sync: Look['sync'], rooms: RoomWxid[]) => syncMissing(sync, rooms)],
])(
  'CB-4 whom a sync finds in a %s room after a request has named him, it keeps as it found him',
  async (_, sync) => {
    const [named, found] = [contact('lin', { name: '林' }), contact('lin', { name: '林林' })]
    const shown = room('街', [found, contact('bei', { wxid: ME.wxid })])
    const look = await openLook({ room: shown, failure: null }, async ({ sync: { deps, bot } }) =>
      keepContact(deps, bot, { contact: named, begun: deps.notes.begin() }),
    )
    await sync(look.sync, [wxid], { known: new Set(), begun: look.notes.begin() })
    const kept = await look.scene.rowsOf('contact')
    expect(kept.find(row => row.wxid === named.wxid)).toMatchObject({ name: '林林' })
  },
)

test('CB-4 a room that a sync reads late is not read again because somebody kept it since the list', async () => {
  // There is no other reading of a single room.
  const { sync, notes } = await openLook({ room: INSIDE, failure: null })
  const told = await syncListed(sync, [wxid], { known: new Set(), begun: notes.begin() })
  expect(told).toMatchObject({ rooms: 1, unreadable: 0 })
})
