import { puppet } from '@juzi/wechaty-grpc'

/** More than any account has, and few enough to be sent in a moment. */
const MADE_UP_IDS = 25_000
const MADE_UP_CONTACTS = 120_000
/** Each character is two UTF-16 units, so whoever cuts by units may cut one in two. */
const LONG_TEXT = '𠮷'.repeat(20_000)

/** Answers as a puppet gives them that has lost its senses: lists without end, and every text followed by 80 KB more. */
export function boast(response: object): void {
  for (const [kind, exaggerate] of BOASTS) if (response instanceof kind) exaggerate(response as never)
}

const BOASTS: readonly (readonly [new () => object, (response: never) => void])[] = [
  [puppet.RoomListResponse, boastOfRooms],
  [puppet.ContactListResponse, boastOfContacts],
  [puppet.RoomMemberListResponse, boastOfMembers],
  [puppet.RoomPayloadResponse, boastOfRoom],
  [puppet.ContactPayloadResponse, boastOfContact],
  [puppet.RoomMemberPayloadResponse, boastOfMember],
  [
    puppet.BatchContactPayloadResponse,
    (batch: puppet.BatchContactPayloadResponse) => batch.getContactPayloadsList().forEach(boastOfContact),
  ],
  [
    puppet.BatchRoomMemberPayloadResponse,
    (batch: puppet.BatchRoomMemberPayloadResponse) => batch.getMemberPayloadsList().forEach(boastOfMember),
  ],
]

const madeUp = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => String(7_889_000_000_000_000 + n))

function boastOfRooms(rooms: puppet.RoomListResponse): void {
  rooms.setIdsList([...rooms.getIdsList(), ...madeUp(MADE_UP_IDS)])
}

function boastOfContacts(contacts: puppet.ContactListResponse): void {
  contacts.setIdsList([...contacts.getIdsList(), ...madeUp(MADE_UP_CONTACTS)])
}

function boastOfMembers(members: puppet.RoomMemberListResponse): void {
  members.setMemberIdsList([...members.getMemberIdsList(), ...madeUp(MADE_UP_IDS)])
}

function boastOfRoom(room: puppet.RoomPayloadResponse): void {
  room.setTopic(room.getTopic() + LONG_TEXT)
  room.setAvatar(room.getAvatar() + LONG_TEXT)
  room.setHandle(room.getHandle() + LONG_TEXT)
}

function boastOfContact(contact: puppet.ContactPayloadResponse): void {
  contact.setName(contact.getName() + LONG_TEXT)
  contact.setAlias(contact.getAlias() + LONG_TEXT)
  contact.setAvatar(contact.getAvatar() + LONG_TEXT)
  contact.setCorporation(contact.getCorporation() + LONG_TEXT)
  contact.setWeixin(contact.getWeixin() + LONG_TEXT)
}

function boastOfMember(member: puppet.RoomMemberPayloadResponse): void {
  member.setName(member.getName() + LONG_TEXT)
  member.setAvatar(member.getAvatar() + LONG_TEXT)
  member.setRoomAlias(member.getRoomAlias() + LONG_TEXT)
}
