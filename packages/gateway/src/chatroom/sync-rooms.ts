/**
 * The rooms of one look at a puppet: those that it lists, and those that it should list and does not; see `sync-bot.ts`.
 */
import type { RoomWxid } from '@qunhub/wire'
import { hasMember, type Room } from '../model/room.ts'
import type { FreshContacts } from '../puppet/forgetting.ts'
import type { HostedBot, ReadOfMany } from '../puppet/hosted-bot.ts'
import { PuppetExcess, PuppetTimeout } from '../puppet/puppet-failures.ts'
import type { SavedRoom } from '../store/rooms/rooms.ts'
import { type ChatroomDeps, forgetRoom, keepRoom, type ReadRoom } from './keep-room.ts'
import type { Occasion } from './occasion.ts'
import { GONE_AFTER_MS, isGone, type Survey } from './survey.ts'
import { warnOfExcess } from './warn-of-excess.ts'

/** Rooms whose commits may be under way together. */
const SAVES_AT_ONCE_MAX = 16
/** A room that keeps changing under the sync is left to its own events after so many reads. */
const READS_PER_ROOM_MAX = 3
/** After so many rooms in a row that hang, the others are left to the next look: they would hang, too. */
const HANGS_IN_A_ROW_MAX = 8
/** Of the rooms that an empty list leaves out, so many are asked for to see whether the puppet knows any. */
const ROOMS_TRIED_MAX = 8

/** What one look knows. */
export interface Sync {
  readonly deps: ChatroomDeps
  readonly bot: HostedBot
  readonly survey: Survey
  readonly signal: AbortSignal
  /** Contacts that were read afresh. */
  readonly fresh: FreshContacts
}

/** `entered`, `changed`: of `rooms`, which are those that were saved. */
interface Synced {
  readonly rooms: number
  readonly entered: number
  readonly changed: number
}

/**
 * The rooms on the puppet's list; see `SyncReport`. One that shows others without the bot may still be filling; when it has done
 * so for long, it was left, and the list is old.
 */
export async function syncListed(
  sync: Sync,
  listed: readonly RoomWxid[],
  { known, begun }: { readonly known: ReadonlySet<RoomWxid>; readonly begun: number },
): Promise<Synced & { unreadable: number; excessive: number; left: number }> {
  const { deps, bot, survey } = sync
  const unseen = unhinted(sync, listed).filter(wxid => !survey.seen.has(wxid))
  const rooms = unknownFirst(unseen, known)
  const saves = new Saves(sync)
  let excessive = 0
  let left = 0
  for await (const { wxid, room, failure } of readUntilTheyHang(sync, rooms)) {
    if (saves.haveFailed) break
    if (room && isInside(bot, room)) {
      survey.absentSince.delete(wxid)
      await saves.add({ room, begun })
    } else if (failure instanceof PuppetExcess) {
      excessive++
      warnOfExcess(deps, bot, wxid, failure)
    } else if (!room || !known.has(wxid)) survey.absentSince.delete(wxid)
    else if (isGone(survey, wxid, deps.clock.now())) {
      survey.seen.add(wxid)
      await forgetRoom(deps, bot, wxid, begun)
      left++
    }
  }
  const saved = await saves.done()
  const missed = rooms.filter(wxid => !survey.seen.has(wxid))
  for (const wxid of missed) {
    if (survey.looks === 0)
      deps.log.warn({ bot: bot.bot.id, room: wxid }, 'the puppet lists a room that it does not show whole')
    missRoom(sync, wxid)
  }
  return { ...saved, unreadable: missed.length - excessive, excessive, left }
}

/**
 * A room that the bot entered unseen is news that somebody waits for; a known one most likely has none. And a sync that
 * is cut short again and again, because its node ends or the puppet is lost, must still come to what is new.
 */
const unknownFirst = (listed: readonly RoomWxid[], known: ReadonlySet<RoomWxid>): RoomWxid[] => [
  ...listed.filter(wxid => !known.has(wxid)),
  ...listed.filter(wxid => known.has(wxid)),
]

/** Of what an event has told since the first look, whoever follows it knows more. */
const unhinted = ({ bot, survey }: Sync, rooms: readonly RoomWxid[]): RoomWxid[] =>
  rooms.filter(wxid => survey.looks === 0 || !bot.hasHintOf(wxid))

/** Each room as it comes; after too many that hang nothing more, for the others would as well. */
async function* readUntilTheyHang(
  { bot, signal, fresh }: Sync,
  rooms: readonly RoomWxid[],
): AsyncGenerator<ReadOfMany> {
  let hangs = 0
  for await (const read of bot.readRooms(rooms, fresh)) {
    signal.throwIfAborted()
    yield read
    hangs = read.failure instanceof PuppetTimeout ? hangs + 1 : 0
    if (hangs >= HANGS_IN_A_ROW_MAX) return
  }
}

/** Whoever sees it later owes what this sync would have owed. */
function missRoom(sync: Sync, wxid: RoomWxid): void {
  const { deps, bot } = sync
  const isOfStart = bot.isStarting && !deps.notes.wasToldInStart(bot, wxid)
  deps.notes.missed(bot.tenure, wxid, isOfStart ? { why: 'started' } : occasionOf(sync, wxid))
}

/** A room that a request saved while the sync was under way is read once more, so that it too is owed. */
async function keepInSync(sync: Sync, first: ReadRoom): Promise<SavedRoom | null> {
  const { deps, bot } = sync
  const { wxid } = first.room
  let read: ReadRoom | null = first
  for (let reads = 1; read && reads <= READS_PER_ROOM_MAX; reads++) {
    const saved = await keepRoom(deps, bot, read, occasionOf(sync, wxid))
    if (saved) return saved
    const begun = deps.notes.begin()
    const room = await bot.readRoom(wxid, { fresh: true, isKept: true })
    read = room && isInside(bot, room) ? { room, begun } : null
  }
  return null
}

const isTold = ({ bot, survey }: Sync, wxid: RoomWxid): boolean =>
  survey.reason === 'periodic' && bot.hasHintOf(wxid)

/** In a start it means what {@link Occasion} says. */
function occasionOf(sync: Sync, wxid: RoomWxid): Occasion {
  const { reason, revisions, isOver, told } = sync.survey
  const revision = revisions.get(wxid)
  if (isTold(sync, wxid)) return { why: 'witnessed' }
  switch (reason) {
    case 'asked':
      return told.has(wxid) ? { why: 'reconciled', revision } : { why: 'asked' }
    case 'returned':
      return { why: isOver ? 'reconciled' : 'returned', revision }
    case 'started':
    case 'reconciled':
    case 'periodic':
      return { why: 'reconciled', revision }
    default:
      return reason satisfies never
  }
}

/**
 * Known rooms that the puppet does not list. One that it shows without the bot was left; one that it shows with the bot
 * contradicts the list; one that it does not show at all may be either, until it has been so for long.
 */
export async function syncMissing(
  sync: Sync,
  known: readonly RoomWxid[],
): Promise<Synced & { left: number; doubtful: number; hanging: number }> {
  const { survey } = sync
  const saves = new Saves(sync)
  const missing = known.filter(wxid => !survey.listed.has(wxid))
  const unread = unhinted(sync, missing).filter(wxid => !survey.contradicting.has(wxid))
  // A puppet that lists nothing knows none of them, as a rule; a few are enough to see that.
  const tried = survey.listed.size > 0 ? unread : someOf(unread, survey.looks)
  const found = await readMissing(sync, saves, tried)
  if (found.shown > 0 && tried.length < unread.length) {
    const others = await readMissing(
      sync,
      saves,
      unread.filter(wxid => !tried.includes(wxid)),
    )
    for (const wxid of others.left) found.left.add(wxid)
    found.excessive += others.excessive
    found.hanging += others.hanging
  }
  const saved = await saves.done()
  for (const wxid of missing) if (!survey.seen.has(wxid) && !found.left.has(wxid)) missRoom(sync, wxid)
  return {
    ...saved,
    left: found.left.size,
    doubtful: missing.length - found.left.size - found.excessive,
    hanging: found.hanging,
  }
}

/** Others with each look. */
const someOf = (rooms: readonly RoomWxid[], look: number): RoomWxid[] => {
  const from = rooms.length > 0 ? (look * ROOMS_TRIED_MAX) % rooms.length : 0
  return [...rooms.slice(from), ...rooms.slice(0, from)].slice(0, ROOMS_TRIED_MAX)
}

/** `shown`: how many the puppet showed, with the bot or without it. */
async function readMissing(
  sync: Sync,
  saves: Saves,
  rooms: readonly RoomWxid[],
): Promise<{ left: Set<RoomWxid>; shown: number; excessive: number; hanging: number }> {
  const { deps, bot, survey } = sync
  const begun = deps.notes.begin()
  const found = { left: new Set<RoomWxid>(), shown: 0, excessive: 0, hanging: 0 }
  for await (const { wxid, room, failure } of readUntilTheyHang(sync, rooms)) {
    if (saves.haveFailed) break
    if (room) found.shown++
    if (room && isInside(bot, room)) {
      survey.contradicting.add(wxid)
      survey.absentSince.delete(wxid)
      await saves.add({ room, begun })
    } else if (failure instanceof PuppetExcess) {
      found.excessive++
      warnOfExcess(deps, bot, wxid, failure)
    } else if (failure) {
      found.hanging++
      survey.absentSince.delete(wxid)
    } else if (isLeft(survey, wxid, room, deps.clock.now())) {
      await forgetRoom(deps, bot, wxid, begun)
      found.left.add(wxid)
    }
  }
  return found
}

/**
 * A room that is not listed, and shown without the bot or not at all. A puppet that lists nothing after a start, or after its
 * stream was lost, may still be filling its rooms, so there the room must stay without it for as long as one that a list with
 * others on it leaves out.
 */
function isLeft(survey: Survey, wxid: RoomWxid, room: Room | null, now: number): boolean {
  if (!room) return isGone(survey, wxid, now)
  const mayBeFilling = survey.listed.size === 0 && survey.reason !== 'asked' && survey.reason !== 'periodic'
  return !mayBeFilling || isGone(survey, wxid, now, GONE_AFTER_MS)
}

/** The saves of one look: a few are under way together, and the first that fails ends it. */
class Saves {
  readonly #sync: Sync
  readonly #underWay = new Set<Promise<unknown>>()
  readonly #failures: unknown[] = []
  readonly #count = { rooms: 0, entered: 0, changed: 0 }

  constructor(sync: Sync) {
    this.#sync = sync
  }

  get haveFailed(): boolean {
    return this.#failures.length > 0
  }

  async add(read: ReadRoom): Promise<void> {
    const { bot, survey } = this.#sync
    await bot.keepTurn()
    this.#count.rooms++
    survey.seen.add(read.room.wxid)
    const save: Promise<unknown> = this.#keep(read)
      .catch(failure => {
        survey.seen.delete(read.room.wxid)
        this.#failures.push(failure)
      })
      .finally(() => this.#underWay.delete(save))
    this.#underWay.add(save)
    if (this.#underWay.size >= SAVES_AT_ONCE_MAX) await Promise.race(this.#underWay)
  }

  async done(): Promise<Synced> {
    await Promise.all(this.#underWay)
    if (this.#failures.length > 0) throw this.#failures[0]
    return this.#count
  }

  async #keep(read: ReadRoom): Promise<void> {
    const sync = this.#sync
    const before = sync.survey.revisions.get(read.room.wxid)
    const saved = await keepInSync(sync, read)
    if (!saved || isTold(sync, read.room.wxid)) return
    if (saved.entered) this.#count.entered++
    else if (saved.revision !== before) this.#count.changed++
  }
}

const isInside = (bot: HostedBot, room: ReadRoom['room']): boolean =>
  bot.account !== null && hasMember(room, bot.account.wxid)
