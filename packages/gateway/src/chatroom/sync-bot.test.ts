import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { openOwnStore } from '@qunhub/testing/open-own-store.ts'
import type { RoomWxid } from '@qunhub/wire'
import { expect, test } from 'vitest'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import { PuppetTimeout, PuppetUnavailable } from '../puppet/puppet-failures.ts'
import { account, contact, NOON, room, roomWxidOf, Scene } from '../store/contract/scene.contract.ts'
import { silentLog } from '../system/log.ts'
import { RequestsInRooms } from './requests-in-rooms.ts'
import { RoomNotes } from './room-notes.ts'
import type { SyncReason } from './survey.ts'
import { syncBot } from './sync-bot.ts'

const ME = account('bei')
const STREET = roomWxidOf('街')

/** A bot in one room, whose puppet fails when it is asked who the bot is. */
async function openScene(failure: Error) {
  const scene = await Scene.open(openOwnStore)
  const bot = {
    ...{ bot: { id: scene.botId, workspaceId: scene.workspaceId }, tenure: scene.tenure, account: ME },
    ...{ isStarting: false, keepTurn: async () => {}, hasHintOf: () => false, lookAgain() {} },
    listRooms: async () => [STREET],
    listContacts: async () => [],
    readContacts: async () => [],
    async refreshAccount() {
      throw failure
    },
    async *readRooms(wxids: readonly RoomWxid[]) {
      const people = [contact('bei', { wxid: ME.wxid }), contact('lin')]
      for (const wxid of wxids) yield { wxid, room: room('街', people), failure: null }
    },
  } as unknown as HostedBot
  const clock = new ManualClock(NOON)
  const deps = {
    ...{ db: scene.db, clock, log: silentLog, notes: new RoomNotes() },
    ...{ isTimeTheClocks: true, wakeCourier() {}, requests: new RequestsInRooms() },
  }
  const sync = async (reason: SyncReason) => {
    let isOver = false
    // What a sync has collected, it keeps when a tenth of a second is over.
    const passTime = async () => {
      while (!isOver) {
        clock.advance(10)
        await new Promise(resolve => setImmediate(resolve))
      }
    }
    const synced = syncBot(deps, bot, reason, new AbortController().signal).finally(() => {
      isOver = true
    })
    const [report] = await Promise.all([synced, passTime()])
    return report
  }
  return { scene, sync }
}

test('BOT-210 a puppet that does not say in time who the bot is fails the sync of whoever asked for it', async () => {
  const { sync } = await openScene(new PuppetTimeout('who is it'))
  await expect(sync('asked')).rejects.toThrow(PuppetTimeout)
})

test('BOT-210 a puppet that is away fails any sync', async () => {
  const { sync } = await openScene(new PuppetUnavailable('away'))
  await expect(sync('reconciled')).rejects.toThrow(PuppetUnavailable)
})

test.each(['started', 'reconciled', 'returned', 'periodic'] as const)(
  'BOT-210 a puppet that does not say in time who the bot is has its rooms read all the same, when %s',
  async reason => {
    const { scene, sync } = await openScene(new PuppetTimeout('who is it'))
    expect(await sync(reason)).toMatchObject({ rooms: 1 })
    expect(await scene.rowsOf('chat')).toMatchObject([{ room_wxid: STREET }])
  },
)
