/**
 * What this process remembers of a room as one bot sees it, besides what the store keeps: when it was read last, what a sync
 * still owes for it, and what the customer was told. It dies with the bot's tenure: under another fence nothing is known,
 * because the bot may have left and entered again meanwhile. So much is remembered and no more; what was of use least
 * lately goes first.
 */
import type { RoomWxid } from '@qunhub/wire'
import type { Tenure } from '../model/bot.ts'
import type { Room } from '../model/room.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import { MINUTE_MS, SECOND_MS } from '../system/clock.ts'
import { growingCache } from '../system/growing-cache.ts'
import { ContactNotes } from './contact-notes.ts'
import { type Occasion, withMissed } from './occasion.ts'
import { beginSurvey, type Kept, noteKept, type Survey, type SurveyOf } from './survey.ts'

/** A thousand bots in two hundred rooms each. */
const ROOMS_REMEMBERED_MAX = 200_000
const BOTS_REMEMBERED_MAX = 100_000
/** So long after its start a bot may still be shown rooms that it was in before, where nothing says since when it is in. */
const OLD_ROOMS_SHOW_MS = 3 * MINUTE_MS

type RunBy = Pick<Tenure, 'botId' | 'fence'>

interface RoomNote {
  /** Of the read that is kept, or that saw the room without the bot. */
  begun: number
  /** What a sync owes that could not see the room whole. */
  missed?: Occasion
  /** In which of the tenure's starts it was told last. */
  toldInStart?: number
  /** The customer was told of the entrance, as `joined`. */
  isEntranceTold: boolean
  /** Since when the bot is in, as the puppet said of the entrance that is known. */
  since?: number
  /** What is being written: when its reading began, and whether it could be written, which never rejects. */
  writing: { readonly begun: number; readonly over: Promise<boolean> }[]
}

/** A login after the operator's logout is a start again, in the same tenure. */
interface Starts {
  /** How many are over. */
  readonly over: number
  /** When the list was read that ended the latest. */
  readonly listedAt?: number
}

export class RoomNotes {
  #lastBegun = 0
  readonly #rooms = growingCache<RoomNote>(ROOMS_REMEMBERED_MAX)
  readonly #starts = growingCache<Starts>(BOTS_REMEMBERED_MAX)
  readonly #surveys = new WeakMap<HostedBot, Survey>()
  readonly contacts = new ContactNotes()

  /** To be called before a read begins. */
  begin(): number {
    return ++this.#lastBegun
  }

  /**
   * Whether what was read since `begun` may be kept; false when something newer already is, or is being written (`written`). Two reads of one room may
   * overlap: a request's and an event's. The one that began later knows more, whichever ends first; keeping the other one
   * after it would bring back a member who left, or a room the bot has quit, and would tell of a join that never was.
   */
  mayKeep(tenure: RunBy, roomWxid: RoomWxid, begun: number): boolean {
    return newestOf(this.#noteOf(tenure, roomWxid)) <= begun
  }

  /** Whether something is kept that was read after `moment`, which `begin` has given. */
  isKeptSince(tenure: RunBy, roomWxid: RoomWxid, moment: number): boolean {
    return (this.#knownOf(tenure, roomWxid)?.begun ?? 0) > moment
  }

  /**
   * Runs the write of what was read since `begun` and may be kept, so that whoever read earlier can wait for it. Where it fails nothing
   * newer is kept, and what was read earlier may be.
   */
  async writing<T>(
    tenure: RunBy,
    { wxid, begun }: { readonly wxid: RoomWxid; readonly begun: number },
    write: () => Promise<T>,
  ): Promise<T> {
    const note = this.#noteOf(tenure, wxid)
    const written = write()
    const end = (isKept: boolean) => {
      note.writing = note.writing.filter(each => each !== mine)
      if (isKept) note.begun = Math.max(note.begun, begun)
      return isKept
    }
    // Why it failed is for whoever writes.
    const over = written.then(
      () => end(true),
      () => end(false),
    )
    const mine = { begun, over }
    note.writing.push(mine)
    await over
    return written
  }

  /** Whether what somebody has read of the room is being written. */
  isWriting(tenure: RunBy, roomWxid: RoomWxid): boolean {
    return (this.#knownOf(tenure, roomWxid)?.writing.length ?? 0) > 0
  }

  /**
   * Resolves when what was read last is written: until then the store may say what was before. False where it could not be
   * written: then nothing newer is kept, and `mayKeep` is to be asked again.
   */
  async written(tenure: RunBy, roomWxid: RoomWxid): Promise<boolean> {
    const writing = this.#knownOf(tenure, roomWxid)?.writing ?? []
    const newest = Math.max(...writing.map(({ begun }) => begun))
    return (await writing.find(({ begun }) => begun === newest)?.over) ?? true
  }

  /**
   * A sync found the room on the puppet's list and could not see it whole: right after a login it may be there without its
   * members, or not be loaded at all. Nothing is concluded from that; what the sync would have owed is owed when the room
   * can be seen, whoever sees it then. The first sync that missed it knew how it stood before.
   */
  missed(tenure: RunBy, roomWxid: RoomWxid, occasion: Occasion): void {
    this.#noteOf(tenure, roomWxid).missed ??= occasion
  }

  /** What seeing the room on this occasion means, where a sync is still owed. */
  meaning(tenure: RunBy, roomWxid: RoomWxid, occasion: Occasion): Occasion {
    return withMissed(occasion, this.#knownOf(tenure, roomWxid)?.missed)
  }

  /** Whether the room was told already in the start that is under way; false when none is. */
  wasToldInStart(bot: HostedBot, roomWxid: RoomWxid): boolean {
    return bot.isStarting && this.#knownOf(bot.tenure, roomWxid)?.toldInStart === this.#startsOf(bot).over
  }

  /**
   * Tells the customer of the entrance, as `joined`. True the first time, until the bot leaves the room again: a sync may be
   * the first to save a room that a request has just created; then the request, which knows better, still owes `joined`,
   * and owes it once (CR-24, CB-3).
   */
  tellEntrance(tenure: RunBy, roomWxid: RoomWxid): boolean {
    const note = this.#noteOf(tenure, roomWxid)
    if (note.isEntranceTold) return false
    note.isEntranceTold = true
    return true
  }

  /** Nobody was told of the entrance after all, or there is a new one. */
  untellEntrance(tenure: RunBy, roomWxid: RoomWxid): void {
    const note = this.#knownOf(tenure, roomWxid)
    if (note) note.isEntranceTold = false
  }

  /** Whether the bot is in since later than was noted: it went and came back, and nobody saw it outside. */
  cameAgain(tenure: RunBy, { wxid, joinedAt = null }: SeenRoom): boolean {
    const since = this.#knownOf(tenure, wxid)?.since
    return since !== undefined && joinedAt !== null && joinedAt > since
  }

  /**
   * Whether a room that the bot is found in, of which nobody told, was entered since its start. A puppet that has just
   * started lists its rooms late, so a room that appears is no entrance because it was not there before (CB-14).
   */
  isEntrance(bot: HostedBot, room: Room, now: number): boolean {
    if (bot.isStarting) return false
    const { listedAt } = this.#startsOf(bot)
    if (listedAt !== undefined) return isSinceStart(room, listedAt, now)
    // Another node started it, after it was added: what it was in then is known, but for what its puppet did not show.
    return !room.joinedAt || isSince(room.joinedAt, bot.bot.createdAt)
  }

  /** The room was saved, by whomever. */
  kept(bot: HostedBot, room: Room, { isNews, ...kept }: Kept): void {
    const note = this.#noteOf(bot.tenure, room.wxid)
    delete note.missed
    if (bot.isStarting) note.toldInStart = this.#startsOf(bot).over
    this.noteSince(bot.tenure, room, isNews)
    const survey = this.#surveys.get(bot)
    if (survey) noteKept(survey, room.wxid, { ...kept, isNews })
  }

  /** Notes since when the bot is in: of the entrance that is known, until there is `news` of one. */
  noteSince(tenure: RunBy, { wxid, joinedAt = null }: SeenRoom, isNews: boolean): void {
    const note = this.#noteOf(tenure, wxid)
    if (joinedAt !== null && (isNews || note.since === undefined)) note.since = joinedAt
  }

  /** The bot was seen outside. */
  left(tenure: RunBy, roomWxid: RoomWxid): void {
    const note = this.#knownOf(tenure, roomWxid)
    if (!note) return
    note.isEntranceTold = false
    delete note.missed
  }

  /** The bot's start is over: the list that was read at `listedAt` was not contradicted. */
  endStart(bot: HostedBot, listedAt: number): void {
    this.#starts.set(tenureKey(bot.tenure), { over: this.#startsOf(bot).over + 1, listedAt })
  }

  /** The bot's puppet is asked for everything: what it shows from now on is noted anew. */
  beginSurvey(bot: HostedBot, of: SurveyOf): Survey {
    const survey = beginSurvey(of, this.#surveys.get(bot))
    this.#surveys.set(bot, survey)
    return survey
  }

  /** The latest of this bot. */
  surveyOf(bot: HostedBot): Survey | undefined {
    return this.#surveys.get(bot)
  }

  #startsOf(bot: HostedBot): Starts {
    return this.#starts.get(tenureKey(bot.tenure)) ?? { over: 0 }
  }

  #knownOf(tenure: RunBy, roomWxid: RoomWxid): RoomNote | undefined {
    return this.#rooms.get(`${tenureKey(tenure)}\n${roomWxid}`)
  }

  #noteOf(tenure: RunBy, roomWxid: RoomWxid): RoomNote {
    const known = this.#knownOf(tenure, roomWxid)
    if (known) return known
    const note: RoomNote = { begun: 0, isEntranceTold: false, writing: [] }
    this.#rooms.set(`${tenureKey(tenure)}\n${roomWxid}`, note)
    return note
  }
}

const newestOf = ({ begun, writing }: RoomNote): number => Math.max(begun, ...writing.map(each => each.begun))

type SeenRoom = Pick<Room, 'wxid' | 'joinedAt'>

const isSinceStart = ({ joinedAt }: Room, listedAt: number, now: number): boolean =>
  joinedAt ? isSince(joinedAt, listedAt) : now - listedAt > OLD_ROOMS_SHOW_MS

/** Puppets say since when in whole seconds. */
const isSince = (joinedAt: number, ms: number): boolean => joinedAt >= Math.floor(ms / SECOND_MS)

const tenureKey = ({ botId, fence }: RunBy): string => `${botId}\n${fence}`
