import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { expect, onTestFinished, test } from 'vitest'
import { FreshContacts } from '../puppet/fresh-contacts.ts'
import type { HostedBot, ReadOfMany } from '../puppet/hosted-bot.ts'
import { PuppetTimeout } from '../puppet/puppet-failures.ts'
import { account, contact, NOON, room, Scene } from '../store/contract/scene.contract.ts'
import { openStore } from '../store/database/open-store.ts'
import { silentLog } from '../system/log.ts'
import { keepRoom } from './keep-room.ts'
import { RoomNotes } from './room-notes.ts'
import { syncMissing } from './sync-missing.ts'
import { syncListed } from './sync-rooms.ts'

const ME = account('bei')
const INSIDE = room('街', ['lin', contact('bei', { wxid: ME.wxid })])
const OUTSIDE = room('街', ['lin'])
const { wxid } = INSIDE

/** A first look at a bot's one room: while it is read, an event of it is followed and the room kept. */
async function openLook(reads: Omit<ReadOfMany, 'wxid'>) {
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-look-'))
  const store = await openStore({ dataDir })
  onTestFinished(async () => {
    await store.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  const { db, botId, workspaceId, tenure } = await Scene.open(async () => store)
  const notes = new RoomNotes()
  const deps = {
    ...{ db, clock: new ManualClock(NOON), log: silentLog, notes },
    ...{ isTimeTheClocks: true, wakeCourier() {} },
  }
  const bot = {
    ...{ bot: { id: botId, workspaceId }, tenure, account: ME, isStarting: false },
    ...{ keepTurn: async () => {}, hasHintOf: () => false },
    async *readRooms() {
      await keepRoom(deps, bot, { room: INSIDE, begun: notes.begin() }, () => ({ why: 'witnessed' }))
      yield { wxid, ...reads }
    },
  } as unknown as HostedBot
  const { signal } = new AbortController()
  const survey = notes.beginSurvey(bot, { reason: 'reconciled', signal })
  return { sync: { deps, bot, survey, signal, fresh: new FreshContacts() }, notes, tenure }
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
