import { puppet } from '@juzi/wechaty-grpc'
import type { ContactWxid, RoomWxid } from '@qunhub/wire'
import { expect, test } from 'vitest'
import type { BotAccount } from '../model/bot.ts'
import type { PuppetClient } from './puppet-client.ts'
import { PuppetRefused } from './puppet-failures.ts'
import { readRoom } from './read-room.ts'

const ROOM = 'R:1' as RoomWxid
const BOT = '1688850000000001' as ContactWxid
const LIN = '7881300000000001' as ContactWxid
const OTHERS = Array.from({ length: 40 }, (_, n) => `78813000000001${n}` as ContactWxid)
const ALL = [BOT, LIN, ...OTHERS]
const SELF = { wxid: BOT, kind: 'wecom' } as BotAccount

interface Puppet {
  readonly hasBatches?: boolean
  /** Whether it tells of him when it is asked for members for the nth time. */
  readonly tells?: (wxid: string, time: number) => boolean
}

/** A puppet with one room; for whom it was asked, call by call. */
function stage({ hasBatches = true, tells = () => true }: Puppet = {}) {
  const members: string[][] = []
  const contacts: string[][] = []
  const refused = () => new PuppetRefused('no')
  const member = (wxid: string, at: number) => {
    const payload = new puppet.RoomMemberPayloadResponse()
    payload.setId(wxid)
    payload.setJoinTime(at + 1)
    return payload
  }
  const contact = (wxid: string) => {
    const payload = new puppet.ContactPayloadResponse()
    payload.setId(wxid)
    return payload
  }
  const client = {
    async roomPayload() {
      const room = new puppet.RoomPayloadResponse()
      room.setId(ROOM)
      room.setTopic('群')
      return room
    },
    roomMemberList: async () => ALL,
    async batchRoomMemberPayload(_: string, wxids: string[]) {
      members.push(wxids)
      if (!hasBatches) throw refused()
      return wxids.filter(wxid => tells(wxid, members.length)).map(member)
    },
    async roomMemberPayload(_: string, wxid: string) {
      members.push([wxid])
      if (!tells(wxid, members.length)) throw refused()
      return member(wxid, 0)
    },
    async batchContactPayload(wxids: string[]) {
      contacts.push(wxids)
      if (!hasBatches) throw refused()
      return wxids.map(contact)
    },
    async contactPayload(wxid: string) {
      contacts.push([wxid])
      return contact(wxid)
    },
  } as unknown as PuppetClient
  const read = async (expected?: readonly ContactWxid[]) => {
    const room = await readRoom(client, SELF, ROOM, { expected })
    return room!.members.map(each => each.contact.wxid)
  }
  return { members, contacts, read }
}

const notLin = (wxid: string) => wxid !== LIN

test('BOT-256 of whom nothing was told is asked for once behind the room, and nobody else is', async () => {
  const scene = stage({ tells: notLin })
  const all = await scene.read(ALL)
  expect(scene.members).toEqual([ALL, [LIN]])
  expect(scene.contacts).toEqual([ALL])

  const plain = stage({ tells: notLin })
  expect(await plain.read()).toEqual(all)
  expect(plain.members).toEqual([ALL])
  expect(plain.contacts).toEqual([ALL])
})

test('BOT-256 who was not expected is asked for by himself', async () => {
  const { members, contacts, read } = stage()
  expect(await read([LIN, ...OTHERS])).toHaveLength(ALL.length)
  expect(members).toEqual([[LIN, ...OTHERS], [BOT]])
  expect(contacts).toEqual([[LIN, ...OTHERS], [BOT]])
})

test('BOT-256 a puppet that tells of no members is not asked for each of them again', async () => {
  const { members, contacts, read } = stage({ hasBatches: false, tells: () => false })
  expect(await read(ALL)).toHaveLength(ALL.length)
  expect(members).toEqual([ALL, ...ALL.map(wxid => [wxid]), [BOT], [BOT]])
  expect(contacts).toEqual([ALL, ...ALL.map(wxid => [wxid])])
})

test('BOT-256 a puppet that did not know the room when it was asked is asked for all of them again', async () => {
  const { members, read } = stage({ tells: (_, time) => time > 1 })
  expect(await read(ALL)).toEqual(ALL)
  expect(members).toEqual([ALL, [BOT], ALL])
})
