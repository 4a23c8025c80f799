/** The rooms that the bot should be in and that one look at its puppet does not list; see `sync-bot.ts`. */
import type { RoomWxid } from '@qunhub/wire'
import type { Room } from '../model/room.ts'
import { PuppetExcess } from '../puppet/puppet-failures.ts'
import { forgetRoom } from './keep-room.ts'
import { isInside, type Saved, Saves, type Sync } from './saves.ts'
import { GONE_AFTER_MS, isGone, type Survey } from './survey.ts'
import { missRoom, readUntilTheyHang, unhinted } from './sync-rooms.ts'
import { warnOfExcess } from './warn-of-excess.ts'

/** Of the rooms that an empty list leaves out, so many are asked for to see whether the puppet knows any. */
const ROOMS_TRIED_MAX = 8

/**
 * Known rooms that the puppet does not list. One that it shows without the bot was left; one that it shows with the bot
 * contradicts the list; one that it does not show at all may be either, until it has been so for long.
 */
export async function syncMissing(
  sync: Sync,
  known: readonly RoomWxid[],
): Promise<Saved & { left: number; doubtful: number; hanging: number }> {
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
    for (const wxid of others.settled) found.settled.add(wxid)
    found.left += others.left
    found.excessive += others.excessive
    found.hanging += others.hanging
  }
  const saved = await saves.done()
  for (const wxid of missing) if (!survey.seen.has(wxid) && !found.settled.has(wxid)) missRoom(sync, wxid)
  return {
    ...saved,
    left: found.left,
    doubtful: missing.length - found.settled.size - found.excessive,
    hanging: found.hanging,
  }
}

/** Others with each look. */
const someOf = (rooms: readonly RoomWxid[], look: number): RoomWxid[] => {
  const from = rooms.length > 0 ? (look * ROOMS_TRIED_MAX) % rooms.length : 0
  return [...rooms.slice(from), ...rooms.slice(0, from)].slice(0, ROOMS_TRIED_MAX)
}

interface Found {
  /** No doubt is left about these: the bot has left them, or somebody knows better by now. */
  readonly settled: Set<RoomWxid>
  /** Of these, how many it has left. */
  left: number
  /** How many the puppet showed, with the bot or without it. */
  shown: number
  excessive: number
  hanging: number
}

async function readMissing(sync: Sync, saves: Saves, rooms: readonly RoomWxid[]): Promise<Found> {
  const { deps, bot, survey } = sync
  const begun = deps.notes.begin()
  const found: Found = { settled: new Set(), left: 0, shown: 0, excessive: 0, hanging: 0 }
  for await (const { wxid, room, failure, readSince } of readUntilTheyHang(sync, rooms, saves)) {
    if (saves.haveFailed) break
    if (room) found.shown++
    if (room && isInside(bot, room)) {
      survey.contradicting.add(wxid)
      survey.absentSince.delete(wxid)
      await saves.add({ room, begun: readSince })
    } else if (failure instanceof PuppetExcess) {
      found.excessive++
      warnOfExcess(deps, bot, wxid, failure)
    } else if (failure) {
      found.hanging++
      survey.absentSince.delete(wxid)
    } else if (isLeft(survey, wxid, room, deps.clock.now())) {
      if (await forgetRoom(deps, bot, wxid, begun)) found.left++
      found.settled.add(wxid)
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
