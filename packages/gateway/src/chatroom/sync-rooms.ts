/** The rooms of one look at a puppet that it lists; see `sync-bot.ts`, and `sync-missing.ts` for the others. */
import type { RoomWxid } from '@qunhub/wire'
import type { ReadOfMany } from '../puppet/hosted-bot.ts'
import { PuppetExcess, PuppetTimeout } from '../puppet/puppet-failures.ts'
import { forgetRoom } from './keep-room.ts'
import { isInside, occasionOf, type Saved, Saves, type Sync } from './saves.ts'
import { isGone } from './survey.ts'
import { warnOfExcess } from './warn-of-excess.ts'

/** After so many rooms in a row that hang, the others are left to the next look: they would hang, too. */
const HANGS_IN_A_ROW_MAX = 8
/**
 * The rooms on the puppet's list; see `SyncReport`. One that shows others without the bot may still be filling; when it has done
 * so for long, it was left, and the list is old.
 */
export async function syncListed(
  sync: Sync,
  listed: readonly RoomWxid[],
  { known, begun }: { readonly known: ReadonlySet<RoomWxid>; readonly begun: number },
): Promise<Saved & { unreadable: number; excessive: number; left: number }> {
  const { deps, bot, survey } = sync
  const unseen = unhinted(sync, listed).filter(wxid => !survey.seen.has(wxid))
  const rooms = unknownFirst(unseen, known)
  const saves = new Saves(sync)
  let excessive = 0
  let left = 0
  for await (const { wxid, room, failure, readSince } of readUntilTheyHang(sync, rooms, saves)) {
    if (saves.haveFailed) break
    if (room && isInside(bot, room)) {
      survey.absentSince.delete(wxid)
      await saves.add({ room, begun: readSince })
    } else if (failure instanceof PuppetExcess) {
      excessive++
      warnOfExcess(deps, bot, wxid, failure)
    } else if (!room || !known.has(wxid)) survey.absentSince.delete(wxid)
    else if (isGone(survey, wxid, deps.clock.now())) {
      survey.seen.add(wxid)
      if (await forgetRoom(deps, bot, wxid, begun)) left++
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
export const unhinted = ({ bot, survey }: Sync, rooms: readonly RoomWxid[]): RoomWxid[] =>
  rooms.filter(wxid => survey.looks === 0 || !bot.hasHintOf(wxid))

/**
 * Each room as it comes; after too many that hang nothing more, for the others would as well. However the reading ends, what was
 * read is kept. `readSince`: a room that is read late is newer than the list, and than what others have read since the list.
 */
export async function* readUntilTheyHang(
  { deps, bot, signal, fresh }: Sync,
  rooms: readonly RoomWxid[],
  saves: Saves,
): AsyncGenerator<ReadOfMany & { readSince: number }> {
  const since = new Map<RoomWxid, number>()
  const inTheirTurn = rooms.values().map(wxid => {
    since.set(wxid, deps.notes.begin())
    return wxid
  })
  let hangs = 0
  try {
    for await (const read of bot.readRooms(inTheirTurn, fresh)) {
      signal.throwIfAborted()
      yield { ...read, readSince: since.get(read.wxid)! }
      hangs = read.failure instanceof PuppetTimeout ? hangs + 1 : 0
      if (hangs >= HANGS_IN_A_ROW_MAX) return
    }
  } finally {
    saves.beginHeld()
  }
}

/** Whoever sees it later owes what this sync would have owed. */
export function missRoom(sync: Sync, wxid: RoomWxid): void {
  const { deps, bot } = sync
  const isOfStart = bot.isStarting && !deps.notes.wasToldInStart(bot, wxid)
  deps.notes.missed(bot.tenure, wxid, isOfStart ? { why: 'started' } : occasionOf(sync, wxid))
}
