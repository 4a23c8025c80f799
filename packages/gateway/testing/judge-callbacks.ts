import type { World } from '@qunhub/simulator'
import { ChatroomBody } from '@qunhub/wire'
import type { Heard } from './customer.ts'

/** What a customer may complain of. */
export interface Verdict {
  /** Entrances that were told, each once. */
  readonly told: number
  /** Rooms that the bot entered, and nobody was told. */
  readonly lost: string[]
  /** Told as entered, but there is no such room, or the bot is not in it. */
  readonly invented: string[]
  /** Heard again under the same webhook-id, as at-least-once allows (CB-9). */
  readonly heardAgain: number
  /** Told as entered under two webhook-ids. */
  readonly owedTwice: string[]
  /** Something of the room was told before its entrance, or later news before earlier ones (CB-8). */
  readonly outOfOrder: string[]
}

/** Of a bot that began without rooms and has left none, so that it must be told of every room that it is in. */
export function judgeCallbacks(heard: readonly Heard[], world: World, botWxid: string): Verdict {
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
    byRoom.set(wxid, [...(byRoom.get(wxid) ?? []), { path, at: syncedTime }])
  }

  const isEntrance = ({ path }: { path: string }) => path.endsWith('/chatroom/joined')
  const entrances = (wxid: string) => byRoom.get(wxid)?.filter(isEntrance).length ?? 0
  const entered = [...world.rooms.values()].filter(({ members }) => members.has(botWxid))
  const told = [...byRoom.keys()].filter(wxid => entrances(wxid) > 0)
  const isInOrder = (news: readonly { path: string; at: number }[]) =>
    isEntrance(news[0]!) && news.every(({ at }, n) => n === 0 || at >= news[n - 1]!.at)
  return {
    told: told.length,
    lost: entered.map(({ wxid }) => wxid).filter(wxid => entrances(wxid) === 0),
    invented: told.filter(wxid => !world.rooms.get(wxid)?.members.has(botWxid)),
    heardAgain,
    owedTwice: told.filter(wxid => entrances(wxid) > 1),
    outOfOrder: [...byRoom].filter(([, news]) => !isInOrder(news)).map(([wxid]) => wxid),
  }
}
