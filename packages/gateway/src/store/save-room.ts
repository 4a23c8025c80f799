import { type BotId, cleanText, type ContactWxid, type RoomWxid, type WorkspaceId } from '@qunhub/wire'
import type { OwedCallback } from '../model/callback.ts'
import { type Chat, chatIdOf, type Room, type RoomMember } from '../model/room.ts'
import { enqueueCallback } from './callbacks.ts'
import { compareMembers } from './compare-members.ts'
import { mergeContacts } from './contacts.ts'
import type { Database, Transaction } from './database.ts'
import type { ChatRow } from './hot-statements.ts'
import { countEntered } from './list-blocks.ts'
import { toBotInfo, toLabel } from './read-chats.ts'
import { BotMissing } from './store-error.ts'

export interface SavedRoom {
  readonly chat: Chat
  /** The chat was unknown, or had been left. */
  readonly entered: boolean
  /** Something that a row shows is different now. */
  readonly changed: boolean
  /** Of the chat, after this save: grows with every change of what a row shows, whoever saved it. */
  readonly revision: number
}

export interface SeenRoom {
  readonly workspaceId: WorkspaceId
  readonly botId: BotId
  readonly room: Room
  /** Milliseconds. */
  readonly at: number
}

/**
 * Keeps a room as the bot sees it now, with its members, and owes the callbacks that `owe` returns: one transaction, so
 * both or neither, through any crash (CB-4); if `owe` throws, nothing is kept and the promise rejects with what it
 * threw. What was known is compared first: the unchanged writes nothing, and the revision grows only when a row would
 * look different. Rejects with BotMissing when the bot is gone or never logged in.
 */
export function saveRoom(
  db: Database,
  { workspaceId, botId, room, at }: SeenRoom,
  owe: (saved: SavedRoom) => OwedCallback | readonly OwedCallback[] | null,
): Promise<SavedRoom> {
  const seen = cleanRoom(room)
  return db.write(async tx => {
    const view = await tx.first(tx.hot.botView(workspaceId, botId))
    const bot = view && toBotInfo(view)
    if (!bot) throw new BotMissing(`bot ${botId} is gone, or never logged in`)

    const contacts = await mergeContacts(
      tx,
      workspaceId,
      botId,
      seen.members.map(({ contact }) => contact),
      new Set(seen.members.filter(member => member.unread).map(({ contact }) => contact.wxid)),
    )
    const members = seen.members.map(member => ({
      ...member,
      contact: contacts.byWxid.get(member.contact.wxid)!,
    }))
    const kept = await keepRoom(tx, { workspaceId, botId, room: { ...seen, members }, at }, bot.wxid)
    if (kept.entered) {
      const tagIds = kept.labels.map(label => label.id)
      await countEntered(tx, workspaceId, [{ ordinal: kept.ordinal, tagIds }])
    }

    const { chatId, labels, entered } = kept
    const showWecomChatId = view.show_wecom_chat_id === 1
    const chat = { chatId, workspaceId, bot, room: kept.room, labels, showWecomChatId }
    const saved = { chat, entered, changed: kept.changed || contacts.shown, revision: kept.revision }
    for (const owed of [owe(saved) ?? []].flat()) await enqueueCallback(tx, workspaceId, owed, at)
    return saved
  })
}

/** The chat and its members, whose contacts are kept already. */
async function keepRoom(tx: Transaction, { workspaceId, botId, room, at }: SeenRoom, botWxid: ContactWxid) {
  const chatId = chatIdOf(workspaceId, botWxid, room.wxid)
  const known = await tx.first(tx.hot.chat(workspaceId, chatId))
  const labels = known ? (await tx.all(tx.hot.labels(workspaceId, [chatId]))).map(toLabel) : []
  const members = compareMembers(known ? await tx.all(tx.hot.members(workspaceId, chatId)) : [], room.members)

  const row = {
    workspace_id: workspaceId,
    chat_id: chatId,
    bot_id: botId,
    room_wxid: room.wxid,
    topic: room.topic,
    avatar_url: room.avatarUrl,
    owner_id: room.ownerId,
    external: room.external ? (1 as const) : (0 as const),
    // It never changes, so a puppet that does not tell it this time takes nothing back.
    wecom_chat_id: room.wecomChatId ?? known?.wecom_chat_id ?? null,
    ordinal: known?.ordinal ?? (await tx.first(tx.hot.count(workspaceId, 'chat')))!.last,
    created_at: known?.created_at ?? at,
    member_count: room.members.length,
  }
  const entered = known === undefined || known.left_at !== null
  const changed = entered || members.changed || !isSame(known, row)
  if (changed) {
    await tx.run(tx.hot.putChat(row))
    for (const statement of tx.hot.putMembers(workspaceId, chatId, members.put)) await tx.run(statement)
    if (members.gone.length > 0) await tx.run(tx.hot.dropMembers(workspaceId, chatId, members.gone))
  }
  return {
    chatId,
    room: { ...room, wecomChatId: row.wecom_chat_id },
    labels,
    ordinal: row.ordinal,
    entered,
    changed,
    // mergeContacts came before, so a touch by a changed contact is in what was known.
    revision: (known?.revision ?? 0) + (changed ? 1 : 0),
  }
}

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
