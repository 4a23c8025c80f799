/**
 * What a puppet has shown of its rooms and contacts, look by look, since it was last asked for everything. A puppet that has
 * just started knows little, and says so by empty lists, short ones, and rooms that it does not show; nothing of that is
 * believed while its rooms contradict it. So it is looked at again, after 1, 2, 4 … 64 s, and what a look finds more begins the
 * series anew. A list that is empty is looked at every 20 s for as long as rooms are known that should stand in it. A look reads
 * what no look before it has seen, so it costs two lists as a rule.
 */
import type { RoomWxid } from '@qunhub/wire'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../system/clock.ts'
import type { Occasion } from './occasion.ts'

const LOOK_AGAIN_MIN_MS = SECOND_MS
const LOOKS_MAX = 7
const LOOK_AGAIN_MAX_MS = LOOK_AGAIN_MIN_MS * 2 ** (LOOKS_MAX - 1)
/**
 * An empty list of a bot that is known to be in rooms. Once the puppet knows, a room that was left is told after this and
 * GONE_AFTER_MS more, within the 90 s in which every list must be as the world is.
 */
const LOOK_AT_NOTHING_MAX_MS = 20 * SECOND_MS
/** A bot that was never seen in a room may be in none, or know nobody: after these, its next reconcile looks. */
const LOOKS_FOR_THE_FIRST_MAX = 15
/**
 * Many puppets do not show a room to who was put out of it. One that is off a list which shows others and grows no more, and
 * cannot be loaded for so long, was left.
 */
export const GONE_AFTER_MS = MINUTE_MS
/** Where the puppet lists nothing at all, it may know nothing yet. */
const GONE_FROM_NOTHING_AFTER_MS = HOUR_MS

/**
 * What makes a sync; see {@link Occasion}. `periodic` is a reconcile of a bot that has heard its events all the time: what one
 * of them has told, and somebody is about to follow, is not unseen.
 */
export type SyncReason = 'started' | 'asked' | 'reconciled' | 'returned' | 'periodic'

export interface Survey {
  readonly reason: SyncReason
  /** It ends with the presence of the bot. */
  readonly signal: AbortSignal
  /** Before anything was saved, and of what was told since: what a reconcile compares with. */
  readonly revisions: Map<RoomWxid, number>
  /** `revisions` says of every room how it was known. */
  isNoted: boolean
  /** Rooms that were seen whole. */
  readonly seen: Set<RoomWxid>
  /** Rooms that were kept so, by whomever, that what is owed for them is owed. */
  readonly told: Set<RoomWxid>
  /** Rooms off the list that show the bot inside. */
  readonly contradicting: Set<RoomWxid>
  /** Since when rooms that the bot should be in were neither listed nor shown, or listed and shown without it. */
  readonly absentSince: Map<RoomWxid, number>
  listed: ReadonlySet<RoomWxid>
  /** How many the puppet listed. */
  contacts: number
  looks: number
  /** Of these, how many in a row found nothing more. */
  vainLooks: number
  /** What it was for is found out: what later looks find happened after it. */
  isOver: boolean
}

export type SurveyOf = Pick<Survey, 'reason' | 'signal'>

/**
 * What is gone for an hour stays so although everything is asked for anew meanwhile; a new stream may be a new puppet. What one owes
 * that never came to the end of its first look, because it failed or was called off, the next one owes.
 */
export function beginSurvey(of: SurveyOf, before: Survey | undefined): Survey {
  const unfinished = before?.looks === 0 && before.reason !== 'asked' ? before : undefined
  const isSameAgain = unfinished?.reason === of.reason && unfinished.signal === of.signal
  return {
    ...of,
    ...{ contacts: 0, looks: 0, vainLooks: 0, isNoted: false, isOver: false },
    ...{ seen: new Set(), contradicting: new Set(), listed: new Set() },
    revisions: unfinished?.revisions ?? new Map(),
    // The stream was heard all the time since.
    told: isSameAgain ? unfinished.told : new Set(),
    absentSince: before?.signal === of.signal ? before.absentSince : new Map(),
  }
}

/** How a room was saved. */
export interface Kept {
  readonly revision: number
  /** Of an entrance, so the bot is in since then and not earlier. */
  readonly isNews: boolean
  /** By whoever followed an event of the running bot, or did what a customer asked, with nothing else owed for it. */
  readonly isWitnessed: boolean
}

/**
 * The room was kept, by whomever. After the first look that has told all there was to tell, so a look that comes to it later
 * owes nothing for the same again, nor does a first look that begins anew for what the first try has told. What a first look owes,
 * it must read itself, but for what is told already (an entrance, `owedByReRead`), was not unseen (`periodic`), or is as it was. Of that
 * nothing is missed either, except by who tells of each room (`asked`).
 */
export function noteKept(survey: Survey, roomWxid: RoomWxid, { revision, isNews, isWitnessed }: Kept): void {
  const { reason, revisions, looks, seen, told } = survey
  const isUnchanged = revisions.get(roomWxid) === revision
  const owesNothing = !isWitnessed || isNews || reason === 'periodic' || isUnchanged || told.has(roomWxid)
  if (looks === 0 && !owesNothing) return
  revisions.set(roomWxid, revision)
  if (looks === 0 && reason === 'asked') return
  told.add(roomWxid)
  seen.add(roomWxid)
}

/**
 * What a re-read after a loss owes for a room that it has not come to: whoever keeps the room before it owes that with the same
 * commit, for this process may end before the re-read comes to it, and the next one finds nothing changed.
 */
export const owedByReRead = (survey: Survey | undefined, roomWxid: RoomWxid): Occasion | undefined =>
  survey?.reason === 'reconciled' && survey.isNoted && survey.looks === 0 && !survey.told.has(roomWxid)
    ? { why: 'reconciled', revision: survey.revisions.get(roomWxid) }
    : undefined

/** Takes note of a list of rooms. Whether it shows more than the one before. */
export function noteList(survey: Survey, listed: readonly RoomWxid[]): boolean {
  const hasGrown = listed.some(wxid => !survey.listed.has(wxid))
  survey.listed = new Set(listed)
  for (const wxid of listed) survey.contradicting.delete(wxid)
  // Others may still be on their way.
  if (hasGrown) survey.absentSince.clear()
  return hasGrown
}

/** A room that the bot should be in is not shown, or without it. Whether that has been so for long enough. */
export function isGone(
  survey: Survey,
  roomWxid: RoomWxid,
  now: number,
  afterMs: number = goneAfterMs(survey),
): boolean {
  const since = survey.absentSince.get(roomWxid) ?? now
  const hasGone = now - since >= afterMs
  if (hasGone) survey.absentSince.delete(roomWxid)
  else survey.absentSince.set(roomWxid, since)
  return hasGone
}

const goneAfterMs = ({ listed }: Survey): number =>
  listed.size > 0 ? GONE_AFTER_MS : GONE_FROM_NOTHING_AFTER_MS

/** Whether the puppet's list leaves out a room that it shows the bot in, as far as is known: before it was read, it leaves out none. */
export const leavesOut = (survey: Survey | undefined, roomWxid: RoomWxid): boolean =>
  survey !== undefined && survey.looks + survey.listed.size > 0 && !survey.listed.has(roomWxid)

/** How long until the next look; null: none. `known`: how many rooms the bot is known to be in. */
export function nextLookMs(survey: Survey, known: number, now: number): number | null {
  const { vainLooks, absentSince } = survey
  // Infinity where nothing is absent.
  const goneMs = Math.min(...absentSince.values()) + GONE_AFTER_MS - now
  const untilGoneMs = goneMs > 0 ? Math.max(goneMs, LOOK_AGAIN_MIN_MS) : Number.POSITIVE_INFINITY
  if (vainLooks >= looksMax(survey, known)) return Number.isFinite(untilGoneMs) ? untilGoneMs : null
  const apartMaxMs = listsNothing(survey, known) ? LOOK_AT_NOTHING_MAX_MS : LOOK_AGAIN_MAX_MS
  return Math.min(LOOK_AGAIN_MIN_MS * 2 ** vainLooks, apartMaxMs, untilGoneMs)
}

/** Although the bot is known to be in rooms. */
const listsNothing = ({ listed }: Survey, known: number): boolean => listed.size === 0 && known > 0

function looksMax(survey: Survey, known: number): number {
  const { listed, contacts } = survey
  if (listsNothing(survey, known)) return Number.POSITIVE_INFINITY
  return listed.size > 0 && contacts > 0 ? LOOKS_MAX : LOOKS_FOR_THE_FIRST_MAX
}

/** So many looks were in vain that the puppet has no more to show. An empty list is never believed for that. */
export const isLookedThrough = ({ vainLooks, listed }: Survey): boolean =>
  vainLooks >= LOOKS_MAX && listed.size > 0
