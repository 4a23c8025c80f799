import type { World } from '@qunhub/simulator'
import { ChatroomBody } from '@qunhub/wire'
import type { Heard } from '../receivers/customer.ts'

/** What a customer may complain of. */
export interface Verdict {
  /** Entrances that were told, each once. */
  readonly told: number
  /** Rooms that the bot entered, and nobody was told. */
  readonly lost: string[]
  /** Told as entered, but there is no such room, or the bot is not in it, or was in it from the beginning. */
  readonly invented: string[]
  /** Heard again under the same webhook-id, as at-least-once allows (CB-9). */
  readonly heardAgain: number
  /** Told as entered under two webhook-ids. */
  readonly owedTwice: string[]
  /** Something of the room was told before its entrance, or later news before earlier ones (CB-8). */
  readonly outOfOrder: string[]
}

/** Of bots that began in some rooms and have left none, so that every other one that they are in must be told as entered. */
export function judgeCallbacks(
  heard: readonly Heard[],
  world: World,
  bots: ReadonlySet<string>,
  roomsBefore: ReadonlySet<string>,
): Verdict {
  const byRoom = new Map<string, { path: string; at: number }[]>()
  const seen = new Set<unknown>()
  let heardAgain = 0
  for (const { path, headers, json } of heard) {
    const id = headers['webhook-id']
    if (seen.has(id)) {
      heardAgain++
      continue
    }
    seen.add(id)
    const { wxid, syncedTime } = ChatroomBody.parse(json)
    const news = byRoom.get(wxid)
    if (news) news.push({ path, at: syncedTime })
    else byRoom.set(wxid, [{ path, at: syncedTime }])
  }

  const isEntrance = ({ path }: { path: string }) => path.endsWith('/chatroom/joined')
  const entrances = (wxid: string) => byRoom.get(wxid)?.filter(isEntrance).length ?? 0
  const hasEntered = (wxid: string) =>
    !roomsBefore.has(wxid) &&
    world.rooms
      .get(wxid)
      ?.members.keys()
      .some(member => bots.has(member)) === true
  const told = [...byRoom.keys()].filter(wxid => entrances(wxid) > 0)
  const isInOrder = (wxid: string, news: readonly { path: string; at: number }[]) =>
    (roomsBefore.has(wxid) || isEntrance(news[0]!)) &&
    news.every(({ at }, n) => n === 0 || at >= news[n - 1]!.at)
  return {
    told: told.length,
    lost: [...world.rooms.keys()].filter(wxid => hasEntered(wxid) && entrances(wxid) === 0),
    invented: told.filter(wxid => !hasEntered(wxid)),
    heardAgain,
    owedTwice: told.filter(wxid => entrances(wxid) > 1),
    outOfOrder: [...byRoom].filter(([wxid, news]) => !isInOrder(wxid, news)).map(([wxid]) => wxid),
  }
}
