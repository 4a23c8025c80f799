import { type ChatId, type ContactWxid, cleanText, type Label, type RoomWxid } from '@qunhub/wire'
import type { Tenure } from '../../model/bot.ts'
import type { OwedCallback } from '../../model/callback.ts'
import { type Chat, chatIdOf, type Room, type RoomMember } from '../../model/room.ts'
import type { CallbackSwitches } from '../../model/workspace.ts'
import { requireTenure } from '../bots/tenure.ts'
import type { Database, Transaction } from '../database/database.ts'
import type { ChatRow, ContactRow, MemberRow, SightedChat, Sighting } from '../database/hot-rows.ts'
import { BotMissing } from '../database/store-error.ts'
import { oweAll } from '../outbox/owe-callbacks.ts'
import { toCallbackSwitches } from '../workspaces/workspaces.ts'
import { compareMembers } from './compare-members.ts'
import { compareContacts, toContact } from './contacts.ts'
import { countsOfEntry, together } from './list-blocks.ts'
import { numberContacts } from './number-contacts.ts'
import { toBotInfo, toLabel } from './read-chats.ts'

export interface SavedRoom {
  readonly chat: Chat
  /** The chat was unknown, or had been left. */
  readonly entered: boolean
  /** Who else joined since the last save, and who left. Nobody where `entered`: what happened without the bot is unknown. */
  readonly joined: readonly RoomMember[]
  /** Read only where the workspace wants to hear of it, and empty otherwise. */
  readonly left: readonly RoomMember[]
  /** A room that the bot was in has another topic. */
  readonly renamed: boolean
  /** When this was, in milliseconds: by the store's clock where it has one, the same for all nodes. */
  readonly storedAt: number
  /** What the workspace wants to hear. */
  readonly switches: CallbackSwitches
  /** Something that a row shows is different now. */
  readonly changed: boolean
  /** Of the chat, after this save: grows with every change of what a row shows, whoever saved it. */
  readonly revision: number
}

export interface SeenRoom {
  readonly tenure: Tenure
  readonly room: Room
  /** Milliseconds. */
  readonly at: number
}

/**
 * Keeps a room as the bot sees it now, with its members, and owes the callbacks that `owe` returns: one transaction, so
 * both or neither, through any crash (CB-4); if `owe` throws, nothing is kept and the promise rejects with what it
 * threw. `owe` is asked again when the write is run again; then nothing is kept of what it said before. What was known is
 * compared first: the unchanged writes nothing, and the revision grows only when a row would look different. Saves of one
 * bot are kept in the order in which they were asked for.
 * Rejects with BotMissing when the bot is gone or never logged in, with FenceLost when it is another node's by now.
 */
export function saveRoom(
  db: Database,
  { tenure, room, at }: SeenRoom,
  owe: (saved: SavedRoom) => OwedCallback | readonly OwedCallback[] | null,
): Promise<SavedRoom> {
  const seen = cleanRoom(room)
  const save = async (tx: Transaction): Promise<SavedRoom> => {
    const view = await requireTenure(tx, tenure)
    const bot = toBotInfo(view)
    if (!bot) throw new BotMissing(`bot ${tenure.botId} never logged in`)

    const known = await readKnown(tx, tenure, seen, bot.wxid)
    const { saved, sighting } = await compare(tx, { tenure, room: seen, at }, known, {
      bot,
      showWecomChatId: view.show_wecom_chat_id === 1,
      switches: toCallbackSwitches(view),
      storedAt: view.store_now ?? at,
    })
    const owed = await oweAll(tx, tenure.workspaceId, [owe(saved) ?? []].flat(), at)
    for (const statement of tx.hot.writeSighting({ ...sighting, owed })) await tx.run(statement)
    return saved
  }
  return db.write(save, { line: tenure.botId })
}

interface KnownRoom {
  readonly chatId: ChatId
  readonly chat: ChatRow | undefined
  readonly labels: readonly Label[]
  readonly members: readonly MemberRow[]
  readonly contacts: readonly ContactRow[]
}

async function readKnown(
  tx: Transaction,
  { workspaceId, botId }: Tenure,
  room: Room,
  botWxid: ContactWxid,
): Promise<KnownRoom> {
  const chatId = chatIdOf(workspaceId, botWxid, room.wxid)
  const wxids = room.members.map(member => member.contact.wxid)
  // Asked in one breath, for the sake of a database at the end of a wire.
  const [chat, labels, members, contacts] = await Promise.all([
    tx.first(tx.hot.chat(workspaceId, chatId)),
    tx.all(tx.hot.labels(workspaceId, [chatId])),
    tx.all(tx.hot.members(workspaceId, chatId)),
    tx.all(tx.hot.contacts(workspaceId, botId, wxids)),
  ])
  return { chatId, chat, labels: labels.map(toLabel), members, contacts }
}

/** What is different, as it has to be written, and as whoever saves wants to know it. */
async function compare(
  tx: Transaction,
  { tenure, room: seen, at }: SeenRoom,
  known: KnownRoom,
  {
    bot,
    showWecomChatId,
    switches,
    storedAt,
  }: Pick<Chat, 'bot' | 'showWecomChatId'> & Pick<SavedRoom, 'switches' | 'storedAt'>,
): Promise<{ saved: SavedRoom; sighting: Omit<Sighting, 'owed'> }> {
  const { workspaceId, botId } = tenure
  const unread = seen.members.filter(member => member.unread).map(({ contact }) => contact.wxid)
  const all = seen.members.map(({ contact }) => contact)
  const knower = { workspaceId, botId, self: bot.wxid }
  const contacts = compareContacts(known.contacts, knower, all, new Set(unread))
  const room: Room = {
    ...seen,
    // It never changes, so a puppet that does not tell it this time takes nothing back.
    wecomChatId: seen.wecomChatId ?? known.chat?.wecom_chat_id ?? null,
    members: seen.members.map(member => ({ ...member, contact: contacts.byWxid.get(member.contact.wxid)! })),
  }
  const members = compareMembers(known.members, room.members)
  const entered = known.chat === undefined || known.chat.left_at !== null
  const ordinal = known.chat?.ordinal ?? (await tx.first(tx.hot.count(workspaceId, 'chat')))!.last
  const row = toChatRow(tenure, room, {
    chatId: known.chatId,
    ordinal,
    createdAt: known.chat?.created_at ?? at,
  })
  const isChanged = entered || members.changed || !isSame(known.chat!, row)

  const shown = new Set(contacts.shown)
  const isTouched = known.members.some(member => shown.has(member.wxid))
  // Whether the bot itself is in is told by `entered`, and by leaveRoom.
  const goneOthers = members.gone.filter(wxid => wxid !== bot.wxid)
  const saved = {
    chat: { chatId: known.chatId, workspaceId, bot, room, labels: known.labels, showWecomChatId },
    entered,
    joined: entered ? [] : members.joined.filter(({ contact }) => contact.wxid !== bot.wxid),
    left: entered || !switches.roomLeft ? [] : await readGone(tx, tenure, known.members, goneOthers),
    renamed: !entered && known.chat!.topic !== row.topic,
    storedAt,
    switches,
    changed: isChanged || shown.size > 0,
    revision: (known.chat?.revision ?? 0) + (isChanged || isTouched ? 1 : 0),
  }
  const tagIds = known.labels.map(label => label.id)
  const listed = await numberContacts(tx, knower, known.contacts, contacts.different)
  const sighting = {
    workspaceId,
    botId,
    contacts: contacts.different,
    shown: contacts.shown,
    chat: isChanged ? { row, put: members.put, gone: members.gone } : null,
    counts: entered ? together(countsOfEntry([{ ordinal, tagIds }]), listed) : listed,
  }
  return { saved, sighting }
}

/** Members who are gone, as they were known. */
async function readGone(
  tx: Transaction,
  { workspaceId, botId }: Tenure,
  kept: readonly MemberRow[],
  gone: readonly string[],
): Promise<RoomMember[]> {
  if (gone.length === 0) return []
  const rows = await tx.all(tx.hot.contacts(workspaceId, botId, gone))
  const aliasOf = new Map(kept.map(member => [member.wxid, member.room_alias]))
  const byWxid = new Map(rows.map(row => [row.wxid, row]))
  return gone.flatMap(wxid => {
    const row = byWxid.get(wxid)
    return row ? [{ contact: toContact(row), roomAlias: aliasOf.get(wxid) ?? null }] : []
  })
}

const toChatRow = (
  { workspaceId, botId }: Tenure,
  room: Room,
  { chatId, ordinal, createdAt }: { chatId: ChatId; ordinal: number; createdAt: number },
): SightedChat['row'] => ({
  workspace_id: workspaceId,
  chat_id: chatId,
  bot_id: botId,
  room_wxid: room.wxid,
  topic: room.topic,
  avatar_url: room.avatarUrl,
  owner_id: room.ownerId,
  external: room.external ? 1 : 0,
  wecom_chat_id: room.wecomChatId,
  ordinal,
  created_at: createdAt,
  member_count: room.members.length,
})

const isSame = (known: ChatRow, row: Omit<ChatRow, 'revision' | 'left_at'>): boolean =>
  known.bot_id === row.bot_id &&
  known.topic === row.topic &&
  known.avatar_url === row.avatar_url &&
  known.owner_id === row.owner_id &&
  known.external === row.external &&
  known.wecom_chat_id === row.wecom_chat_id &&
  known.member_count === row.member_count

// The edge at which a puppet's text is made clean (G-5). A member that it names twice is one member (RW-3).
function cleanRoom(room: Room): Room {
  const members = new Map<string, RoomMember>()
  for (const { contact, roomAlias, ...rest } of room.members) {
    const wxid = cleanText(contact.wxid) as ContactWxid
    members.set(wxid, {
      ...rest,
      contact: { ...contact, wxid },
      roomAlias: roomAlias === null ? null : cleanText(roomAlias),
    })
  }
  return {
    wxid: cleanText(room.wxid) as RoomWxid,
    topic: cleanText(room.topic),
    avatarUrl: cleanText(room.avatarUrl),
    ownerId: cleanText(room.ownerId) as ContactWxid,
    external: room.external,
    wecomChatId: room.wecomChatId === null ? null : cleanText(room.wecomChatId),
    members: [...members.values()],
  }
}
