import { describe, expect, test } from 'vitest'
import type { Contact } from '../../model/contact.ts'
import type { Room } from '../../model/room.ts'
import { saveBotMove } from '../bots/bot-moves.ts'
import { saveBotAccount, saveBotAddress } from '../bots/bots.ts'
import { assignTag, renameTag, unassignTag } from '../rooms/tags.ts'
import { setSwitches } from '../workspaces/workspaces.ts'
import {
  account,
  contact,
  keyring,
  moveTo,
  type OpenStore,
  offline,
  room,
  Scene,
  wxidOf,
} from './scene.contract.ts'

type Change = (scene: StreetScene) => Promise<unknown>

/** A chat with everything that a row can show: two members, a tag, an official id that is switched on. */
interface StreetScene extends Scene {
  readonly vip: Awaited<ReturnType<Scene['tag']>>
  readonly spare: Awaited<ReturnType<Scene['tag']>>
  readonly chatId: Awaited<ReturnType<Scene['save']>>['chat']['chatId']
}

const lin = (but: Partial<Contact> = {}) => contact('lin', { corporation: '林记', unionId: 'o1', ...but })
const street = (but: Partial<Room> = {}) => room('街', [lin(), 'mo'], { wecomChatId: 'wr1', ...but })

async function streetScene(open: OpenStore): Promise<StreetScene> {
  const scene = await Scene.open(open)
  await setSwitches(scene.db, scene.workspaceId, { showWecomChatId: true })
  const { chat } = await scene.save(street())
  await scene.save(room('巷', ['mo', 'zhu']))
  const vip = await scene.tag('VIP')
  const spare = await scene.tag('备用')
  await assignTag(scene.db, scene.workspaceId, vip, chat.chatId)
  return Object.assign(scene, { vip, spare, chatId: chat.chatId })
}

const shown: readonly (readonly [string, Change])[] = [
  ['the topic', s => s.save(street({ topic: '新街' }))],
  ['the room picture', s => s.save(street({ avatarUrl: 'http://new' }))],
  ['the owner', s => s.save(street({ ownerId: wxidOf('mo') }))],
  ['external', s => s.save(street({ external: false }))],
  ['the official chat id', s => s.save(street({ wecomChatId: 'wr2' }))],
  ['a member that joins', s => s.save(room('街', [lin(), 'mo', 'zhu']))],
  ['a member that leaves', s => s.save(room('街', ['mo']))],
  ['the order of members', s => s.save(room('街', ['mo', lin()]))],
  [
    'a room alias',
    s =>
      s.save(
        street({
          members: [
            { contact: lin(), roomAlias: '阿林' },
            { contact: contact('mo'), roomAlias: null },
          ],
        }),
      ),
  ],
  ['a member name', s => s.meet(lin({ name: '林小姐' }))],
  ['a member picture', s => s.meet(lin({ avatarUrl: 'http://new' }))],
  ['friendship', s => s.meet(lin({ isFriend: false }))],
  ['being a coworker', s => s.meet(lin({ coworker: true }))],
  ['a contact type', s => s.meet(lin({ type: 3 }))],
  ['a corporation', s => s.meet(lin({ corporation: null }))],
  ['a member name, seen in another room', s => s.save(room('巷', [lin({ name: '林小姐' })]))],
  ['a tag that is assigned', s => assignTag(s.db, s.workspaceId, s.spare, s.chatId)],
  ['a tag that is taken off', s => unassignTag(s.db, s.workspaceId, s.vip, s.chatId)],
  ['a tag name', s => renameTag(s.db, s.workspaceId, s.vip, 'SVIP')],
  ['the bot name', s => saveBotAccount(s.db, s.tenure, account('bei', { nickName: '大北' }))],
  ['the bot userId', s => saveBotAccount(s.db, s.tenure, account('bei', { userId: 'dabei' as never }))],
  ['the switch for official chat ids', s => setSwitches(s.db, s.workspaceId, { showWecomChatId: false })],
]

const unseen: readonly (readonly [string, Change])[] = [
  ['the same room again', s => s.save(street())],
  ['the same contacts again', s => s.meet(lin(), contact('mo'))],
  ['a private remark', s => s.meet(lin({ alias: '老林' }))],
  ['a gender', s => s.meet(lin({ gender: 2 }))],
  ['a handle', s => s.meet(lin({ handle: 'wm2' }))],
  ['a unionId', s => s.meet(lin({ unionId: 'o2' }))],
  ['a contact of other rooms', s => s.meet(contact('zhu', { name: '朱先生' }))],
  ['a contact of no room', s => s.meet(contact('new'))],
  ['another room', s => s.save(room('巷', ['zhu'], { topic: '新巷' }))],
  ['a tag that is there already', s => assignTag(s.db, s.workspaceId, s.vip, s.chatId)],
  ['a tag that was not there', s => unassignTag(s.db, s.workspaceId, s.spare, s.chatId)],
  ['a new tag', s => s.tag('新')],
  ['a tag renamed to its own name', s => renameTag(s.db, s.workspaceId, s.vip, 'VIP')],
  ['the same bot account', s => saveBotAccount(s.db, s.tenure, account('bei'))],
  ['the bot picture', s => saveBotAccount(s.db, s.tenure, account('bei', { avatarUrl: 'http://new' }))],
  ['the bot session', s => saveBotMove(s.db, s.tenure, moveTo(offline('gone')))],
  [
    'the bot address',
    s =>
      saveBotAddress(s.db, keyring, s.workspaceId, s.botId, {
        endpoint: 'b:2',
        token: 'other_token',
        tls: true,
      }),
  ],
  ['the switch set as it was', s => setSwitches(s.db, s.workspaceId, { showWecomChatId: true })],
  ['pacing', s => setSwitches(s.db, s.workspaceId, { paceAdditions: true })],
  [
    'the switches of callbacks',
    s =>
      setSwitches(s.db, s.workspaceId, {
        chatroomJoined: false,
        chatroomLoaded: false,
        joinedOnAnyMember: true,
        roomJoined: true,
        roomLeft: true,
        roomTopic: true,
      }),
  ],
]

/** A revision is what the row cache trusts: it must change with the row, and should not change without it. */
export function revisionsContract(open: OpenStore): void {
  const lookBeforeAndAfter = async (change: Change) => {
    const scene = await streetScene(open)
    const [before] = await scene.list()
    await change(scene)
    const [after] = await scene.list()
    return { rowChanged: after!.row !== before!.row, revisionChanged: after!.revision !== before!.revision }
  }

  test.each(shown)('ST-20 a row has a new revision when it shows another: %s', async (_what, change) => {
    expect(await lookBeforeAndAfter(change)).toEqual({ rowChanged: true, revisionChanged: true })
  })

  test.each(unseen)('ST-21 a row keeps its revision when it shows the same: %s', async (_what, change) => {
    expect(await lookBeforeAndAfter(change)).toEqual({ rowChanged: false, revisionChanged: false })
  })

  describe('revisions', () => {
    test('ST-22 saveRoom says changed when the row of that room changed, by its members too', async () => {
      const scene = await streetScene(open)
      const changed = async (seen: Room) => (await scene.save(seen)).changed
      expect(await changed(street())).toBe(false)
      expect(
        await changed(
          street({
            members: [
              { contact: lin({ name: '林小姐' }), roomAlias: null },
              { contact: contact('mo'), roomAlias: null },
            ],
          }),
        ),
      ).toBe(true)
      expect(
        await changed(
          street({
            members: [
              { contact: lin({ name: '林小姐', alias: '老林' }), roomAlias: null },
              { contact: contact('mo'), roomAlias: null },
            ],
          }),
        ),
      ).toBe(false)
    })

    test('ST-23 a chat never has the same revision twice, however often it is left and found again', async () => {
      const scene = await streetScene(open)
      const revisions: string[] = []
      for (const topic of ['甲', '乙', '甲', '乙']) {
        await scene.save(street({ topic }))
        revisions.push((await scene.list())[0]!.revision)
        await scene.leave('街')
      }
      expect(new Set(revisions).size).toBe(4)
    })

    test('ST-24 saveContacts says how many rows were new or different', async () => {
      const scene = await Scene.open(open)
      expect(await scene.meet(contact('a'), contact('b'))).toBe(2)
      expect(await scene.meet(contact('a'), contact('b', { alias: '乙' }), contact('c'))).toBe(2)
      expect(await scene.meet(contact('a'), contact('b', { alias: '乙' }), contact('c'))).toBe(0)
      expect(await scene.meet(...Array.from({ length: 1234 }, (_, i) => contact(`n${i}`)))).toBe(1234)
    })
  })
}
