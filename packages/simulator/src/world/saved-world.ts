import { z } from 'zod'
import type { World } from './world.ts'
import { BOT_KINDS, BOT_STATES, EXTERNAL_KINDS, type Room } from './world-state.ts'

/** Raised when the form below changes; an older file is then refused instead of misread. */
const SAVED_VERSION = 1

const Gender = z.union([z.literal(0), z.literal(1), z.literal(2)])

const SavedCoworker = z.object({
  kind: z.literal('coworker'),
  wxid: z.string(),
  userId: z.string(),
  corpId: z.string(),
  gender: Gender,
  name: z.string(),
})

const SavedExternalContact = z.object({
  kind: z.enum(EXTERNAL_KINDS),
  wxid: z.string(),
  externalUserId: z.string(),
  unionId: z.string().nullable(),
  corporation: z.string().nullable(),
  gender: Gender,
  name: z.string(),
})

const SavedWorld = z.object({
  version: z.literal(SAVED_VERSION),
  chance: z.int(),
  corps: z.array(z.object({ id: z.string(), name: z.string() })),
  bots: z.array(
    z.object({
      wxid: z.string(),
      userId: z.string(),
      kind: z.enum(BOT_KINDS),
      corpId: z.string().nullable(),
      token: z.string(),
      gender: Gender,
      nickName: z.string(),
      state: z.enum(BOT_STATES),
      friends: z.array(z.string()),
      remarks: z.array(z.tuple([z.string(), z.string()])),
    }),
  ),
  contacts: z.array(z.discriminatedUnion('kind', [SavedCoworker, SavedExternalContact])),
  rooms: z.array(
    z.object({
      wxid: z.string(),
      wecomChatId: z.string(),
      external: z.boolean(),
      createdAt: z.number(),
      topic: z.string(),
      ownerId: z.string(),
      announcement: z.string(),
      members: z.array(
        z.object({
          wxid: z.string(),
          joinedAt: z.number(),
          inviterId: z.string().nullable(),
          scene: z.enum(['pulled', 'card', 'qrcode']),
          alias: z.string(),
        }),
      ),
    }),
  ),
  invitations: z.array(
    z.object({
      id: z.string(),
      roomWxid: z.string(),
      contactWxid: z.string(),
      botWxid: z.string(),
      sentAt: z.number(),
      state: z.enum(['pending', 'accepted', 'declined']),
    }),
  ),
  messages: z.array(
    z.object({ id: z.string(), roomWxid: z.string(), from: z.string(), text: z.string(), at: z.number() }),
  ),
})

export type SavedWorld = z.infer<typeof SavedWorld>

/** Everything a world is, as plain data; the tokens too, so that clients find their bots again. */
export function saveWorld(world: World): SavedWorld {
  return {
    version: SAVED_VERSION,
    chance: world.chance.state,
    corps: [...world.corps.values()],
    bots: [...world.bots.values()].map(bot => ({
      ...bot,
      friends: [...(world.friendships.get(bot.wxid) ?? [])],
      remarks: [...(world.remarks.get(bot.wxid) ?? [])],
    })),
    contacts: [...world.contacts.values()],
    rooms: [...world.rooms.values()].map(room => ({ ...room, members: [...room.members.values()] })),
    invitations: [...world.invitations.values()],
    messages: world.messages,
  }
}

/** Fills an empty world. Throws when the data is not a saved world, or speaks of people it does not have. */
export function restoreWorld(world: World, saved: unknown): void {
  const { chance, corps, bots, contacts, rooms, invitations, messages } = SavedWorld.parse(saved)
  world.chance.resume(chance)
  for (const corp of corps) world.corps.set(corp.id, corp)
  for (const { friends, remarks, ...bot } of bots) {
    world.bots.set(bot.wxid, bot)
    world.friendships.set(bot.wxid, new Set(friends))
    world.remarks.set(bot.wxid, new Map(remarks))
  }
  for (const contact of contacts) world.contacts.set(contact.wxid, contact)
  for (const { members, ...rest } of rooms) {
    const room: Room = { ...rest, members: new Map(members.map(member => [member.wxid, member])) }
    world.rooms.set(room.wxid, room)
  }
  for (const invitation of invitations) world.invitations.set(invitation.id, invitation)
  world.messages.push(...messages)
  refuseStrangers(world)
}

function refuseStrangers(world: World): void {
  for (const bot of world.bots.values()) if (bot.corpId !== null) world.corp(bot.corpId)
  for (const friends of world.friendships.values()) for (const wxid of friends) world.person(wxid)
  for (const room of world.rooms.values()) {
    world.memberOf(room, room.ownerId)
    for (const wxid of room.members.keys()) world.person(wxid)
  }
  for (const invitation of world.invitations.values()) {
    world.room(invitation.roomWxid)
    world.person(invitation.contactWxid)
  }
}
