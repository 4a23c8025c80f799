import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { expect, onTestFinished, test } from 'vitest'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import type { BotHint } from '../puppet/puppet-events.ts'
import { account, contact, NOON, room, Scene } from '../store/contract/scene.contract.ts'
import { openStore } from '../store/database/open-store.ts'
import { silentLog } from '../system/log.ts'
import { followHint } from './follow-hint.ts'
import { RequestsInRooms } from './requests-in-rooms.ts'
import { RoomNotes } from './room-notes.ts'

const ME = account('bei')
const INSIDE = room('街', ['lin', contact('bei', { wxid: ME.wxid })])
const OUTSIDE = room('街', ['lin'])

/** A bot that is in one room, and what becomes of events of it. */
async function openFollowing() {
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-following-'))
  const store = await openStore({ dataDir })
  onTestFinished(async () => {
    await store.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  const scene = await Scene.open(async () => store)
  const shown = { room: INSIDE }
  const later: string[] = []
  const bot = {
    ...{ bot: { id: scene.botId, workspaceId: scene.workspaceId }, tenure: scene.tenure },
    ...{ account: ME, isStarting: false },
    readRoom: async () => shown.room,
    listRooms: async () => [INSIDE.wxid],
    lookLater: () => void later.push('later'),
  } as unknown as HostedBot
  const requests = new RequestsInRooms()
  const deps = {
    ...{ db: scene.db, clock: new ManualClock(NOON), log: silentLog, notes: new RoomNotes(), requests },
    ...{ isTimeTheClocks: true, wakeCourier() {} },
  }
  const follow = (how: Partial<BotHint>) =>
    followHint(deps, bot, { kind: 'room-changed', roomWxid: INSIDE.wxid, why: 'dirty', ...how } as BotHint)
  await follow({ why: 'join', joined: [ME.wxid] })
  return { scene, shown, later, requests, follow }
}

test('BOT-250 EX-20 that the bot itself has left is followed at once, whatever a request does in the room', async () => {
  const { scene, shown, requests, follow } = await openFollowing()
  expect(await scene.topics()).toHaveLength(1)
  const hangs = Promise.withResolvers<void>()
  const acting = requests.run(scene.tenure, INSIDE.wxid, () => hangs.promise)
  shown.room = OUTSIDE
  await follow({ why: 'leave', left: [ME.wxid] })
  expect(await scene.topics()).toEqual([])
  hangs.resolve()
  await acting
})

test('BOT-215 a listed room that does not show the bot is looked at again, but for one that only a request has found so', async () => {
  const { scene, shown, later, follow } = await openFollowing()
  shown.room = OUTSIDE
  await follow({ why: 'asked' })
  expect(later).toEqual([])
  await follow({ why: 'late' })
  expect(later).toEqual(['later'])
  expect(await scene.topics()).toHaveLength(1)
})
