import type { puppet } from '@juzi/wechaty-grpc'
import { ContactWxid, type RoomWxid } from '@qunhub/wire'
import type { BotAccount } from '../model/bot.ts'
import type { Contact } from '../model/contact.ts'
import type { Room, RoomMember } from '../model/room.ts'
import { PAYLOADS_PER_BATCH_MAX } from './bounded-batches.ts'
import { inParallel } from './bounded-parallel.ts'
import type { PuppetClient } from './puppet-client.ts'
import { PuppetRefused } from './puppet-failures.ts'
import { membersIn } from './puppet-lists.ts'
import { idOrNull, shownOrNull, shownText, TOPIC_CODE_POINTS_MAX, urlOf } from './puppet-text.ts'
import { onlyAsked, orNotTold, readContacts } from './read-contact.ts'

const SINGLE_CALLS_AT_ONCE_MAX = 8

/**
 * A room with all its members as the bot of `self` sees it now; null when the puppet does not know or load it. A room that
 * is there without anybody in it, or with nothing but its id, is not loaded yet: nobody sees a room from outside, so at
 * least the bot must be in it. Throws PuppetExcess when it has more members than are read: never a part of them.
 *
 * `onHeard` is called when the puppet has said its first word about the room; `readMembers` reads the contacts behind it. Those who
 * are `expected` are asked for along with the room, so that nobody waits for its list first; it is the list that says who is in, and
 * of whom nothing was told by then is asked for once behind it.
 */
export const readRoom = async (
  puppet: PuppetClient,
  self: BotAccount,
  wxid: RoomWxid,
  {
    onHeard = () => {},
    readMembers = ids => readContacts(puppet, self, ids),
    expected = [],
  }: {
    readonly onHeard?: () => void
    readonly readMembers?: (ids: readonly ContactWxid[]) => Promise<Contact[]>
    readonly expected?: readonly ContactWxid[] | undefined
  } = {},
): Promise<Room | null> => {
  const readSome = (ids: readonly ContactWxid[], contactIds = ids) =>
    Promise.all([memberPayloads(puppet, wxid, ids), readMembers(contactIds)])
  const asked = readSome(expected)
  // It is awaited below, and may fail before.
  asked.catch(() => {})
  const [room, listed] = await Promise.all([
    orNull(puppet.roomPayload(wxid)).finally(onHeard),
    // Some puppets leave the ids out of the room, others have no list.
    orNull(puppet.roomMemberList(wxid)),
  ])
  if (!room || isHollow(room)) return null

  const ids = membersIn(listed?.length ? listed : room.getMemberIdsList())
  if (ids.length === 0) return null
  const [early, earlyContacts] = await asked
  // Nobody expected them, or they were asked for a moment before the puppet knew that they are in.
  const untold = without(ids, early.map(idOf))
  const unread = without(untold, earlyContacts.map(wxidOf))
  // Some puppets tell of nobody, however often they are asked; so then the bot alone is asked for first.
  const isMute =
    expected.length > 0 &&
    early.length === 0 &&
    (await memberPayloads(puppet, wxid, [self.wxid])).length === 0
  const [late, lateContacts] = await readSome(isMute ? [] : untold, unread)
  const members = [...early, ...late]
  const ownerId = ContactWxid.safeParse(room.getOwnerId())
  return {
    wxid,
    topic: shownText(room.getTopic(), TOPIC_CODE_POINTS_MAX),
    avatarUrl: urlOf(room.getAvatar()),
    ownerId: ownerId.success ? ownerId.data : '',
    external: room.getExternal(),
    wecomChatId: idOrNull(room.getHandle()),
    members: joinMembers(ids, members, [...earlyContacts, ...lateContacts], self),
    joinedAt: members.find(member => member.getId() === self.wxid)?.getJoinTime() || null,
  }
}

const idOf = (payload: puppet.RoomMemberPayloadResponse): string => payload.getId()
const wxidOf = ({ wxid }: Contact): string => wxid

const without = (ids: readonly ContactWxid[], others: readonly string[]): ContactWxid[] => {
  const left = new Set(others)
  return ids.filter(id => !left.has(id))
}

/** Any room has a name, an owner or a picture; some puppets leave out this, some that, and none of them everything. */
const isHollow = (room: puppet.RoomPayloadResponse): boolean =>
  room.getId() === '' ||
  (room.getTopic() === '' &&
    room.getOwnerId() === '' &&
    room.getAvatar() === '' &&
    room.getHandle() === '' &&
    room.getMemberIdsList().length === 0)

const joinMembers = (
  ids: readonly ContactWxid[],
  payloads: readonly puppet.RoomMemberPayloadResponse[],
  contacts: readonly Contact[],
  self: BotAccount,
): RoomMember[] => {
  const payloadOf = new Map(payloads.map(payload => [payload.getId(), payload]))
  const contactOf = new Map<string, Contact>(contacts.map(contact => [contact.wxid, contact]))
  const members = inOrderOfJoining(ids, payloadOf)
  return members.map(wxid => {
    const contact = contactOf.get(wxid)
    const roomAlias = shownOrNull(payloadOf.get(wxid)?.getRoomAlias() ?? '')
    if (contact) return { contact, roomAlias }
    return { contact: strangerOf(wxid, payloadOf.get(wxid), self), roomAlias, unread: true }
  })
}

/** RW-1. By the time of joining when the puppet tells it for everybody, else as the puppet orders them. */
const inOrderOfJoining = (
  ids: readonly ContactWxid[],
  payloadOf: ReadonlyMap<string, puppet.RoomMemberPayloadResponse>,
): readonly ContactWxid[] => {
  const joinedAt = (wxid: ContactWxid) => payloadOf.get(wxid)?.getJoinTime() || 0
  if (!ids.every(wxid => joinedAt(wxid) > 0)) return ids
  return ids.toSorted((one, other) => joinedAt(one) - joinedAt(other))
}

/** A member whom the puppet could not load as a contact: all we know is what the room says of it. */
const strangerOf = (
  wxid: ContactWxid,
  member: puppet.RoomMemberPayloadResponse | undefined,
  self: BotAccount,
): Contact => ({
  wxid,
  name: shownText(member?.getName() ?? ''),
  alias: null,
  avatarUrl: urlOf(member?.getAvatar() ?? ''),
  gender: 0,
  type: 0,
  isFriend: false,
  coworker: wxid === self.wxid && self.kind === 'wecom',
  corporation: null,
  handle: null,
  unionId: null,
})

const memberPayloads = async (
  puppet: PuppetClient,
  room: RoomWxid,
  ids: readonly string[],
): Promise<puppet.RoomMemberPayloadResponse[]> => {
  const payloads: puppet.RoomMemberPayloadResponse[] = []
  for (let from = 0; from < ids.length; from += PAYLOADS_PER_BATCH_MAX) {
    payloads.push(...(await someMemberPayloads(puppet, room, ids.slice(from, from + PAYLOADS_PER_BATCH_MAX))))
  }
  return payloads
}

/** As with contacts: in one call where the puppet can, else one by one, leaving out who is not told. */
const someMemberPayloads = async (
  puppet: PuppetClient,
  room: RoomWxid,
  ids: readonly string[],
): Promise<puppet.RoomMemberPayloadResponse[]> => {
  const batch = await orNotTold(puppet.batchRoomMemberPayload(room, ids))
  if (batch) return onlyAsked(batch, ids)

  const payloads: puppet.RoomMemberPayloadResponse[] = []
  const one = (id: string) => orNotTold(puppet.roomMemberPayload(room, id))
  for await (const payload of inParallel(ids, SINGLE_CALLS_AT_ONCE_MAX, one))
    if (payload) payloads.push(payload)
  return payloads
}

const orNull = async <T>(asked: Promise<T>): Promise<T | null> => {
  try {
    return await asked
  } catch (error) {
    if (error instanceof PuppetRefused) return null
    throw error
  }
}
