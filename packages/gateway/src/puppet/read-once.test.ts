import { puppet } from '@juzi/wechaty-grpc'
import type { ContactWxid, RoomWxid } from '@qunhub/wire'
import { expect, test } from 'vitest'
import type { BotAccount } from '../model/bot.ts'
import type { Contact } from '../model/contact.ts'
import { Forgetting } from './forgetting.ts'
import { FreshContacts } from './fresh-contacts.ts'
import type { Presence } from './login/logins-deps.ts'
import type { PuppetClient } from './puppet-client.ts'
import { PuppetReads } from './puppet-reads.ts'
import { ReadOnce } from './read-once.ts'

const LIN = '7881300000000001' as ContactWxid
const MEI = '7881300000000002' as ContactWxid
const ROOMS = Array.from({ length: 12 }, (_, n) => `R:${n}` as RoomWxid)

/** A puppet on which the same two are in every room; `asked` are those of whom each batch was asked. */
function stage() {
  const asked: string[][] = []
  let name = '林'
  const forgetting = new Forgetting()
  const client = {
    async dirtyPayload() {},
    async roomPayload(wxid: string) {
      const room = new puppet.RoomPayloadResponse()
      room.setId(wxid)
      room.setTopic('群')
      return room
    },
    roomMemberList: async () => [LIN, MEI],
    batchRoomMemberPayload: async () => [],
    async batchContactPayload(wxids: string[]) {
      asked.push(wxids)
      return wxids.map(wxid => {
        const contact = new puppet.ContactPayloadResponse()
        contact.setId(wxid)
        contact.setName(name)
        return contact
      })
    },
  } as unknown as PuppetClient
  const account = { wxid: '1688850000000001', kind: 'wecom' } as BotAccount
  const reads = new PuppetReads(() => ({ client, forgetting, account }) as unknown as Presence)
  const rename = (to: string) => {
    name = to
  }
  return { asked, forgetting, reads, rename }
}

/** Of twelve rooms, what each says of Lin; after the eighth `meanwhile` happens. */
async function namesOfLin({ reads }: ReturnType<typeof stage>, meanwhile: () => unknown = () => {}) {
  const names: string[] = []
  for await (const { room } of reads.rooms(ROOMS, new FreshContacts())) {
    names.push(room!.members[0]!.contact.name)
    if (names.length === 8) await meanwhile()
  }
  return names
}

test('BOT-284 who is in many rooms is read once while they are read, and anew the next time', async () => {
  const scene = stage()
  await namesOfLin(scene)
  const once = scene.asked.length
  // Four rooms are read at once, and none of these knows him yet.
  expect(once).toBe(4)
  await namesOfLin(scene)
  expect(scene.asked.length).toBe(2 * once)
})

test.each([
  [
    'an event tells',
    ({ forgetting }: ReturnType<typeof stage>) => forgetting.isNews({ what: 'contact', wxid: LIN }),
  ],
  ['who is read beside it', ({ reads }: ReturnType<typeof stage>) => reads.contacts([LIN], { fresh: true })],
  [
    'who is read with another room',
    ({ reads }: ReturnType<typeof stage>) => reads.room('R:99' as RoomWxid, {}),
  ],
  ['the puppet was lost for a moment', ({ forgetting }: ReturnType<typeof stage>) => forgetting.clear()],
])(
  'BOT-284 of whom something may be known better is read in each room from then on: %s',
  async (_, happens) => {
    const scene = stage()
    const names = await namesOfLin(scene, async () => {
      scene.rename('琳')
      await happens(scene)
    })
    expect(names.at(0)).toBe('林')
    expect(names.at(-1)).toBe('琳')
  },
)

test('BOT-284 of whom something is heard while others of the room are asked for is read with them', async () => {
  const once = new ReadOnce()
  let name = '林'
  const asked: (readonly ContactWxid[])[] = []
  const read = (whileAsked = () => {}) =>
    once.contacts([LIN, MEI], async wxids => {
      asked.push(wxids)
      const contacts = wxids.map(wxid => ({ wxid, name }) as Contact)
      await Promise.resolve()
      whileAsked()
      return contacts
    })
  await once.contacts([LIN], async wxids => wxids.map(wxid => ({ wxid, name }) as Contact))
  const contacts = await read(() => {
    name = '琳'
    once.forget([LIN])
  })
  expect(contacts.map(contact => [contact.wxid, contact.name]).toSorted()).toEqual([
    [LIN, '琳'],
    [MEI, '林'],
  ])
  expect(asked).toEqual([[MEI], [LIN]])
})
