/** What one look at a puppet saves, and what each save means. */
import type { RoomWxid } from '@qunhub/wire'
import { hasMember } from '../model/room.ts'
import type { FreshContacts } from '../puppet/fresh-contacts.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import { KeptContacts } from '../store/rooms/kept-contacts.ts'
import type { SavedRoom } from '../store/rooms/rooms.ts'
import { type ChatroomDeps, keepRoom, type ReadRoom } from './keep-room.ts'
import type { Occasion } from './occasion.ts'
import type { Survey } from './survey.ts'

/** Rooms whose commits may be under way together. */
const SAVES_AT_ONCE_MAX = 64
/** Rooms that are collected, so that they share a commit; nobody waits for them longer than HOLD_MS_MAX. */
const ROOMS_HELD_MAX = 16
const HOLD_MS_MAX = 100
/** While requests come: a commit of many rooms holds them up on SQLite. */
const ROOMS_HELD_IN_COURTESY_MAX = 4
/** A room that keeps changing under the sync is left to its own events after so many reads. */
const READS_PER_ROOM_MAX = 3

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
export interface Saved {
  readonly rooms: number
  readonly entered: number
  readonly changed: number
}

/**
 * The saves of one look: some are begun together, because a commit costs about as much for many rooms as for one, and the first that
 * fails ends it. The first room of all waits for no other: somebody waits for news of it.
 */
export class Saves {
  readonly #sync: Sync
  readonly #held: ReadRoom[] = []
  readonly #kept = new KeptContacts()
  readonly #giveWay: () => Promise<void>
  #hasBegun = false
  #callOff = () => {}
  readonly #underWay = new Set<Promise<unknown>>()
  readonly #failures: unknown[] = []
  readonly #count = { rooms: 0, entered: 0, changed: 0 }

  constructor(sync: Sync) {
    this.#sync = sync
    this.#giveWay = sync.deps.courtesy?.begin() ?? (async () => {})
  }

  get haveFailed(): boolean {
    return this.#failures.length > 0
  }

  async add(read: ReadRoom): Promise<void> {
    const { deps, bot, survey } = this.#sync
    await bot.keepTurn(survey.revisions.has(read.room.wxid) ? 'known' : 'news')
    this.#count.rooms++
    survey.seen.add(read.room.wxid)
    this.#held.push(read)
    if (!this.#hasBegun || this.#held.length >= this.#heldMax) this.beginHeld()
    else if (this.#held.length === 1) this.#callOff = deps.clock.after(HOLD_MS_MAX, () => this.beginHeld())
    if (this.#underWay.size >= SAVES_AT_ONCE_MAX) await Promise.race(this.#underWay)
    await this.#giveWay()
  }

  get #heldMax(): number {
    return this.#sync.deps.courtesy?.isWanted ? ROOMS_HELD_IN_COURTESY_MAX : ROOMS_HELD_MAX
  }

  async done(): Promise<Saved> {
    this.beginHeld()
    await Promise.all(this.#underWay)
    if (this.#failures.length > 0) throw this.#failures[0]
    return this.#count
  }

  beginHeld(): void {
    this.#callOff()
    this.#hasBegun = true
    for (const read of this.#held.splice(0)) this.#begin(read)
  }

  #begin(read: ReadRoom): void {
    const save: Promise<unknown> = this.#keep(read)
      .catch(failure => {
        this.#sync.survey.seen.delete(read.room.wxid)
        this.#failures.push(failure)
      })
      .finally(() => this.#underWay.delete(save))
    this.#underWay.add(save)
  }

  async #keep(read: ReadRoom): Promise<void> {
    const sync = this.#sync
    const before = sync.survey.revisions.get(read.room.wxid)
    const saved = await keepInSync(sync, { ...read, kept: this.#kept })
    if (!saved || isTold(sync, read.room.wxid)) return
    if (saved.entered) this.#count.entered++
    else if (saved.revision !== before) this.#count.changed++
  }
}

/** A room that a request saved while the sync was under way is read once more, so that it too is owed. */
async function keepInSync(sync: Sync, first: ReadRoom): Promise<SavedRoom | null> {
  const { deps, bot } = sync
  const { wxid } = first.room
  let read: ReadRoom | null = first
  for (let reads = 1; read && reads <= READS_PER_ROOM_MAX; reads++) {
    const saved = await keepRoom(deps, bot, read, () => occasionOf(sync, wxid))
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
export function occasionOf(sync: Sync, wxid: RoomWxid): Occasion {
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

export const isInside = (bot: HostedBot, room: ReadRoom['room']): boolean =>
  bot.account !== null && hasMember(room, bot.account.wxid)
