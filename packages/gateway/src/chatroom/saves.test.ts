import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { expect, onTestFinished, test } from 'vitest'
import { FreshContacts } from '../puppet/fresh-contacts.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import { account, NOON, room, Scene } from '../store/contract/scene.contract.ts'
import { openStore } from '../store/database/open-store.ts'
import type { Courtesy } from '../system/courtesy.ts'
import { silentLog } from '../system/log.ts'
import { RoomNotes } from './room-notes.ts'
import { Saves } from './saves.ts'

/** A look at a bot, and how many saves it has begun. */
async function openSaves(courtesy?: Courtesy) {
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-saves-'))
  const store = await openStore({ dataDir })
  onTestFinished(async () => {
    await store.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  const scene = await Scene.open(async () => store)
  const notes = new RoomNotes()
  const clock = new ManualClock(NOON)
  let begun = 0
  const db: typeof scene.db = {
    ...scene.db,
    write(work, options) {
      begun++
      return scene.db.write(work, options)
    },
  }
  const bot = {
    ...{ bot: { id: scene.botId, workspaceId: scene.workspaceId }, tenure: scene.tenure },
    ...{ account: account('bei'), isStarting: false, keepTurn: async () => {}, hasHintOf: () => false },
  } as unknown as HostedBot
  const { signal } = new AbortController()
  const saves = new Saves({
    deps: {
      ...{ db, clock, log: silentLog, notes, isTimeTheClocks: true, wakeCourier() {} },
      ...(courtesy && { courtesy }),
    },
    ...{ bot, signal, fresh: new FreshContacts() },
    survey: notes.beginSurvey(bot, { reason: 'reconciled', signal }),
  })
  return {
    ...{ scene, clock, saves },
    begun: () => begun,
    add: async (...names: string[]) => {
      for (const name of names) await saves.add({ room: room(name, ['lin']), begun: notes.begin() })
    },
  }
}

const names = (count: number) => Array.from({ length: count }, (_, n) => `群${n}`)

test('ST-133 the first room is saved at once, others are collected up to sixteen or for a tenth of a second', async () => {
  const { add, begun, clock, saves, scene } = await openSaves()
  await add('街')
  expect(begun()).toBe(1)
  await add('巷')
  expect(begun()).toBe(1)
  clock.advance(100)
  expect(begun()).toBe(2)
  await add(...names(15))
  expect(begun()).toBe(2)
  await add('桥')
  expect(begun()).toBe(18)
  await add('塔')
  // The reading has ended, however.
  saves.beginHeld()
  expect(begun()).toBe(19)
  expect(await saves.done()).toEqual({ rooms: 19, entered: 19, changed: 0 })
  expect(await scene.topics()).toHaveLength(19)
})

test('ST-133 BOT-276 while requests come fewer are collected, and each room makes way', async () => {
  let pauses = 0
  const courtesy: Courtesy = {
    asked() {},
    isWanted: true,
    begin: () => async () => void pauses++,
  }
  const { add, begun, saves } = await openSaves(courtesy)
  await add('街', ...names(3))
  expect(begun()).toBe(1)
  await add('巷')
  expect([begun(), pauses]).toEqual([5, 5])
  await saves.done()
})
