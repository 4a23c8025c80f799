import type { RoomWxid } from '@qunhub/wire'

/** A puppet that names more is making them up; then they are all asked for once more. */
const ROOMS_MAX = 10_000

/**
 * Rooms of which the puppet has said by itself that it keeps nothing old: reading them is fresh as it is.
 *
 * Asking it to forget them all the same would never end. Stock servers tell everybody who listens that a room became
 * stale, also whoever asked for it; we would read the room afresh, ask for it again, and hear of it again.
 */
export class ForgottenRooms {
  readonly #rooms = new Set<RoomWxid>()

  note(wxid: RoomWxid): void {
    if (this.#rooms.size >= ROOMS_MAX) this.#rooms.clear()
    this.#rooms.add(wxid)
  }

  /** Whether the room is fresh as it is; true once for each note, since reading makes the puppet keep it again. */
  take(wxid: RoomWxid): boolean {
    return this.#rooms.delete(wxid)
  }

  clear(): void {
    this.#rooms.clear()
  }
}
