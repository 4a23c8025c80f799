import { UnknownId } from '../world/refused.ts'
import type { World } from '../world/world.ts'
import type { Bot, Room, Wxid } from '../world/world-state.ts'

/** Stock programs read the room again after its event, and wait up to 5 s before they do. */
export const LEFT_ROOM_READABLE_MS = 10_000

/**
 * Rooms that a bot has just left, or was put out of. It can read them for a moment, without itself among the members and
 * off its list: whoever hears of the leaving wants to know what room that was, as a person still sees the chat.
 */
export class LeftRooms {
  readonly #world: World
  readonly #leftAt = new Map<Wxid, Map<Wxid, number>>()
  readonly #unlisten: () => void

  constructor(world: World) {
    this.#world = world
    this.#unlisten = world.listen(event => {
      if (event.type !== 'room-leave') return
      for (const wxid of event.left) if (world.bots.has(wxid)) this.#note(wxid, event.roomWxid)
    })
  }

  /** The room as this bot may read it; throws UnknownId when it may not. */
  read(bot: Bot, roomWxid: Wxid): Room {
    const room = this.#world.rooms.get(roomWxid)
    const leftAt = this.#leftAt.get(bot.wxid)?.get(roomWxid)
    const hasJustLeft = leftAt !== undefined && this.#world.clock.now() - leftAt < LEFT_ROOM_READABLE_MS
    if (room && hasJustLeft) return room
    if (room?.members.has(bot.wxid)) return room
    throw new UnknownId('room', roomWxid)
  }

  dispose(): void {
    this.#unlisten()
  }

  #note(bot: Wxid, room: Wxid): void {
    const now = this.#world.clock.now()
    const left = this.#leftAt.get(bot) ?? new Map<Wxid, number>()
    for (const [each, at] of left) if (now - at >= LEFT_ROOM_READABLE_MS) left.delete(each)
    this.#leftAt.set(bot, left.set(room, now))
  }
}
