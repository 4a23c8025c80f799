import type { ChatId } from '@qunhub/wire'
import type { Room, RoomMember } from '../../model/room.ts'
import type { ChatRow, ContactRow, LabelRow, MemberRow, SightedChat } from '../database/hot-rows.ts'
import { type ComparedMembers, compareMembers } from './compare-members.ts'
import { compareContacts, toContact } from './contacts.ts'
import type { Knower } from './number-contacts.ts'

/** What is kept of some rooms and of all who are seen in them. */
export interface KnownRooms {
  readonly chats: ReadonlyMap<string, ChatRow>
  readonly labels: ReadonlyMap<string, readonly LabelRow[]>
  readonly members: ReadonlyMap<string, readonly MemberRow[]>
  readonly contacts: ReadonlyMap<string, ContactRow>
}

export interface ComparedRoom {
  readonly chatId: ChatId
  /** As it will be kept. */
  readonly room: Room
  readonly known: ChatRow | undefined
  readonly labels: readonly LabelRow[]
  readonly keptMembers: readonly MemberRow[]
  readonly members: ComparedMembers
  /** The chat was unknown, or had been left. */
  readonly entered: boolean
  /** It is to be written. */
  readonly isChanged: boolean
  /** Its row shows something else, by its members too, than what was kept when the room before had been written. */
  readonly looksDifferent: boolean
  readonly revision: number
}

export interface ComparedRooms {
  readonly rooms: readonly ComparedRoom[]
  /** Contacts that are new or different, as the last room that has them says. */
  readonly different: ReadonlyMap<string, ContactRow>
  /** The wxids of those that rows of chats show differently now. */
  readonly shown: ReadonlySet<string>
  /** All who were known or are seen, as they will be kept. */
  readonly contacts: ReadonlyMap<string, ContactRow>
}

/**
 * What is different in rooms that are written together, each room once. Whoever is in several of them is compared with what the rooms
 * before have said of him, as if they had been written one after another; but a chat gets one new revision, whatever changes of it.
 */
export function compareRooms(
  known: KnownRooms,
  knower: Knower,
  seen: readonly { readonly chatId: ChatId; readonly room: Room }[],
): ComparedRooms {
  const contacts = new Map(known.contacts)
  const different = new Map<string, ContactRow>()
  const shown = new Set<string>()
  const rooms = seen.map(({ chatId, room }) => {
    const unread = room.members.filter(member => member.unread).map(({ contact }) => contact.wxid)
    const all = room.members.map(({ contact }) => contact)
    const compared = compareContacts(contacts, knower, all, new Set(unread))
    for (const row of compared.different) {
      contacts.set(row.wxid, row)
      different.set(row.wxid, row)
    }
    for (const wxid of compared.shown) shown.add(wxid)
    const chat = known.chats.get(chatId)
    return {
      chatId,
      showsOthers: compared.shown.length > 0,
      room: {
        ...room,
        // It never changes, so a puppet that does not tell it this time takes nothing back.
        wecomChatId: room.wecomChatId ?? chat?.wecom_chat_id ?? null,
        members: room.members.map(member => ({
          ...member,
          contact: compared.byWxid.get(member.contact.wxid)!,
        })),
      },
    }
  })
  // Only now it is known who is shown differently.
  return { rooms: rooms.map(each => compareRoom(known, knower, shown, each)), different, shown, contacts }
}

function compareRoom(
  known: KnownRooms,
  knower: Knower,
  shown: ReadonlySet<string>,
  {
    chatId,
    room,
    showsOthers,
  }: { readonly chatId: ChatId; readonly room: Room; readonly showsOthers: boolean },
): ComparedRoom {
  const chat = known.chats.get(chatId)
  const keptMembers = known.members.get(chatId) ?? []
  const members = compareMembers(chatId, keptMembers, room.members)
  const entered = chat === undefined || chat.left_at !== null
  const isChanged = entered || members.changed || !isSame(chat, toChatFacts(knower, room))
  const isTouched = keptMembers.some(member => shown.has(member.wxid))
  return {
    ...{ chatId, room, known: chat, labels: known.labels.get(chatId) ?? [], keptMembers, members, entered },
    isChanged,
    looksDifferent: isChanged || showsOthers,
    revision: (chat?.revision ?? 0) + (isChanged || isTouched ? 1 : 0),
  }
}

/** How the chat has to be written, under its number in the order of chats. */
export const toSightedChat = (
  knower: Knower,
  { chatId, room, known, members }: ComparedRoom,
  { ordinal, at }: { readonly ordinal: number; readonly at: number },
): SightedChat => ({
  row: {
    workspace_id: knower.workspaceId,
    chat_id: chatId,
    room_wxid: room.wxid,
    ...toChatFacts(knower, room),
    ordinal,
    created_at: known?.created_at ?? at,
  },
  put: members.put,
  gone: members.gone,
})

/** Members who are gone, as they were known: by `contacts`, where they are known at all. */
export function goneMembers(
  kept: readonly MemberRow[],
  gone: readonly string[],
  contacts: ReadonlyMap<string, ContactRow>,
): RoomMember[] {
  const aliasOf = new Map(kept.map(member => [member.wxid, member.room_alias]))
  return gone.flatMap(wxid => {
    const row = contacts.get(wxid)
    return row ? [{ contact: toContact(row), roomAlias: aliasOf.get(wxid) ?? null }] : []
  })
}

const toChatFacts = ({ botId }: Knower, room: Room) => ({
  bot_id: botId,
  topic: room.topic,
  avatar_url: room.avatarUrl,
  owner_id: room.ownerId,
  external: room.external ? (1 as const) : (0 as const),
  wecom_chat_id: room.wecomChatId,
  member_count: room.members.length,
})

const isSame = (known: ChatRow, facts: ReturnType<typeof toChatFacts>): boolean =>
  known.bot_id === facts.bot_id &&
  known.topic === facts.topic &&
  known.avatar_url === facts.avatar_url &&
  known.owner_id === facts.owner_id &&
  known.external === facts.external &&
  known.wecom_chat_id === facts.wecom_chat_id &&
  known.member_count === facts.member_count
