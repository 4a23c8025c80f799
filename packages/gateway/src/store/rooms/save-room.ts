import type { BotInfo, ChatId, ContactWxid, WorkspaceId } from '@qunhub/wire'
import type { Tenure } from '../../model/bot.ts'
import type { OwedCallback } from '../../model/callback.ts'
import { type Chat, chatIdOf, type Room, type RoomMember } from '../../model/room.ts'
import type { CallbackSwitches } from '../../model/workspace.ts'
import { requireTenure } from '../bots/tenure.ts'
import type { Database, Together, Transaction } from '../database/database.ts'
import type { ContactRow, FencedBotRow } from '../database/hot-rows.ts'
import { BotMissing } from '../database/store-error.ts'
import { toOwedRowsOf } from '../outbox/owe-callbacks.ts'
import { toCallbackSwitches } from '../workspaces/workspaces.ts'
import { cleanRoom } from './clean-room.ts'
import {
  type ComparedRoom,
  type ComparedRooms,
  compareRooms,
  goneMembers,
  type KnownRooms,
  toSightedChat,
} from './compare-rooms.ts'
import { byWxid } from './contacts.ts'
import type { KeptContacts } from './kept-contacts.ts'
import { countsOfEntry, together } from './list-blocks.ts'
import { type Knower, numberContacts } from './number-contacts.ts'
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
  /** The account that saw it, as far as its process knows: then nobody waits for the store to say so. */
  readonly self?: ContactWxid | undefined
  readonly room: Room
  /** Milliseconds. */
  readonly at: number
  /** Of the look that has read the room. */
  readonly kept?: KeptContacts | undefined
}

type Owe = (saved: SavedRoom) => OwedCallback | readonly OwedCallback[] | null

/** A statement for so many rooms, and for so many seats in them, takes a tenth of a second on PostgreSQL. */
const ROOMS_TOGETHER_MAX = 64
const MEMBERS_TOGETHER_MAX = 5000

/**
 * Keeps a room as the bot sees it now, with its members, and owes the callbacks that `owe` returns: one transaction, so
 * both or neither, through any crash (CB-4); if `owe` throws, nothing is kept and the promise rejects with what it
 * threw. `owe` is asked again when the write is run again; then nothing is kept of what it said before. What was known is
 * compared first: the unchanged writes nothing, and the revision grows only when a row would look different. Saves of one
 * bot are kept in the order in which they were asked for; those that wait one behind another may share their transaction (decision 0090).
 * Rejects with BotMissing when the bot is gone or never logged in, with FenceLost when it is another node's by now.
 */
export async function saveRoom(db: Database, { room, ...seen }: SeenRoom, owe: Owe): Promise<SavedRoom> {
  const { tenure } = seen
  const given: Given = { ...seen, room: cleanRoom(room), owe }
  const saveAlone = async (tx: Transaction) => (await saveAll(tx, [given]))[0]!
  const saved = await db.write(saveAlone, { line: tenure.botId, together: { kind: ROOMS_TOGETHER, given } })
  given.noteKept?.()
  return saved
}

interface Given extends SeenRoom {
  readonly owe: Owe
  /** Of the latest run; to be called once it is committed. */
  noteKept?: () => void
}

/** Rooms of one bot that wait in its line. */
export const ROOMS_TOGETHER: Together<Given, SavedRoom> = {
  takes(waiting, given) {
    const seats = waiting.reduce((sum, { room }) => sum + room.members.length, given.room.members.length)
    return (
      waiting.length < ROOMS_TOGETHER_MAX &&
      seats <= MEMBERS_TOGETHER_MAX &&
      waiting.every(
        ({ room, tenure }) => room.wxid !== given.room.wxid && tenure.fence === given.tenure.fence,
      )
    )
  },
  work: (tx, all) => saveAll(tx, all),
}

/** Rooms of one bot, each once, in their order. */
async function saveAll(tx: Transaction, all: readonly Given[]): Promise<SavedRoom[]> {
  const { tenure, self } = all[0]!
  const { workspaceId, botId } = tenure
  const seenBy = (wxid: ContactWxid) =>
    all.map(given => ({ ...given, chatId: chatIdOf(workspaceId, wxid, given.room.wxid) }))
  const keeperOf = (wxid: ContactWxid) => `${botId} ${tenure.fence} ${wxid} ${tx.timeline()}`
  // Asked in one breath, in this order: whatever is read is read while the bot is held.
  const [view, early] = await Promise.all([
    requireTenure(tx, tenure),
    self && readKnown(tx, tenure, seenBy(self), keeperOf(self)),
  ])
  const bot = toBotInfo(view)
  if (!bot) throw new BotMissing(`bot ${botId} never logged in`)

  const knower: Knower = { workspaceId, botId, self: bot.wxid }
  const seen = seenBy(bot.wxid)
  const known = early && self === bot.wxid ? early : await readKnown(tx, tenure, seen, keeperOf(bot.wxid))
  const { rooms, different, shown, contacts } = compareRooms(known, knower, seen)

  // Asked in one breath, for the sake of a database at the end of a wire.
  const [ordinals, listed, left] = await Promise.all([
    numberChats(tx, tenure, rooms),
    numberContacts(tx, knower, known.contacts, [...different.values()]),
    readGone(tx, tenure, { rooms, different, self: bot.wxid, isWanted: view.room_left === 1 }),
  ])
  const entries = rooms.flatMap(({ entered, labels }, n) =>
    entered ? [{ ordinal: ordinals[n]!, tagIds: labels.map(({ id }) => id) }] : [],
  )
  const saved = rooms.map((room, n) =>
    toSaved(room, { workspaceId, bot, view, at: all[n]!.at, left: left[n]! }),
  )
  const owed = saved.flatMap((each, n) => [all[n]!.owe(each) ?? []].flat())
  const sighting = {
    workspaceId,
    botId,
    contacts: [...different.values()],
    shown: [...shown],
    chats: rooms.flatMap((room, n) =>
      room.isChanged ? [toSightedChat(knower, room, { ordinal: ordinals[n]!, at: all[n]!.at })] : [],
    ),
    counts: entries.length > 0 ? together(countsOfEntry(entries), listed) : listed,
    owed: toOwedRowsOf(view, owed, all.at(-1)!.at),
  }
  for (const statement of tx.hot.writeSighting(sighting)) await tx.run(statement)
  const keeper = keeperOf(bot.wxid)
  for (const given of all) given.noteKept = () => given.kept?.note(given.room.members, contacts, keeper)
  return saved
}

async function readKnown(
  tx: Transaction,
  { workspaceId, botId }: Tenure,
  seen: readonly { readonly chatId: ChatId; readonly room: Room; readonly kept?: KeptContacts | undefined }[],
  keeper: string,
): Promise<KnownRooms> {
  const chatIds = seen.map(({ chatId }) => chatId)
  const remembered = new Map<string, ContactRow>()
  const asked = new Set<string>()
  for (const { room, kept } of seen) {
    for (const { contact } of room.members) {
      const row = kept?.rowOf(contact, keeper)
      if (row) remembered.set(contact.wxid, row)
      else asked.add(contact.wxid)
    }
  }
  // Asked in one breath, for the sake of a database at the end of a wire.
  const [chats, labels, members, contacts] = await Promise.all([
    tx.all(tx.hot.chats(workspaceId, chatIds)),
    tx.all(tx.hot.labels(workspaceId, chatIds)),
    tx.all(tx.hot.members(workspaceId, chatIds)),
    asked.size > 0 ? tx.all(tx.hot.contacts(workspaceId, botId, [...asked])) : [],
  ])
  return {
    chats: new Map(chats.map(row => [row.chat_id, row])),
    labels: Map.groupBy(labels, row => row.chat_id),
    members: Map.groupBy(members, row => row.chat_id),
    contacts: new Map([...remembered, ...byWxid(contacts)]),
  }
}

/** The number of each in the order of chats; those that are new come behind all others. */
async function numberChats(
  tx: Transaction,
  { workspaceId }: Tenure,
  rooms: readonly ComparedRoom[],
): Promise<number[]> {
  const unknown = rooms.filter(({ known }) => known === undefined).length
  if (unknown === 0) return rooms.map(({ known }) => known!.ordinal)
  const { last } = (await tx.first(tx.hot.count(workspaceId, 'chat', unknown)))!
  let next = last - unknown + 1
  return rooms.map(({ known }) => known?.ordinal ?? next++)
}

/** Of each room the members who are gone, as they were known. Whether the bot itself is in is told by `entered`, and by leaveRoom. */
async function readGone(
  tx: Transaction,
  { workspaceId, botId }: Tenure,
  {
    rooms,
    different,
    self,
    isWanted,
  }: Pick<ComparedRooms, 'rooms' | 'different'> & { self: ContactWxid; isWanted: boolean },
): Promise<RoomMember[][]> {
  const goneFrom = (room: ComparedRoom) =>
    isWanted && !room.entered ? room.members.gone.filter(wxid => wxid !== self) : []
  const wxids = new Set(rooms.flatMap(goneFrom))
  const rows = wxids.size > 0 ? await tx.all(tx.hot.contacts(workspaceId, botId, [...wxids])) : []
  const known = new Map([...byWxid(rows), ...different])
  return rooms.map(room => goneMembers(room.keptMembers, goneFrom(room), known))
}

const toSaved = (
  { chatId, room, known, labels, entered, members, looksDifferent, revision }: ComparedRoom,
  {
    workspaceId,
    bot,
    view,
    at,
    left,
  }: { workspaceId: WorkspaceId; bot: BotInfo; view: FencedBotRow; at: number; left: readonly RoomMember[] },
): SavedRoom => ({
  chat: {
    ...{ chatId, workspaceId, bot, room },
    labels: labels.map(toLabel),
    showWecomChatId: view.show_wecom_chat_id === 1,
  },
  entered,
  joined: entered ? [] : members.joined.filter(({ contact }) => contact.wxid !== bot.wxid),
  left,
  renamed: !entered && known!.topic !== room.topic,
  storedAt: view.store_now ?? at,
  switches: toCallbackSwitches(view),
  changed: looksDifferent,
  revision,
})
