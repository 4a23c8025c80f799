import { puppet } from '@juzi/wechaty-grpc'
import type { World } from '../world/world.ts'
import type { WorldEvent } from '../world/world-events.ts'
import type { Wxid } from '../world/world-state.ts'
import { puppetEventsFor } from './puppet-events.ts'

const { EventType, PayloadType } = puppet

/** Stock puppets keep 100 rooms and 500 contacts. Ours keeps more, so that what is old is seen to be old in a large world too. */
const ROOMS_KEPT_MAX = 1_000
const CONTACTS_KEPT_MAX = 10_000
/** Between room and member in the id of a stale member, as `@juzi/wechaty-puppet` writes it. */
const STRING_SPLITTER = '\u001F'

/**
 * What the puppet of one account remembers, as a Wechaty puppet class does: a payload that was asked for once is answered
 * from memory, however the world has changed since. It is forgotten when a client calls `dirtyPayload`, and when the
 * puppet itself says `dirty`; an event of a room forgets nothing. Lists and batches are always looked up.
 */
export interface KeptPayloads {
  room(id: Wxid, read: () => puppet.RoomPayloadResponse): puppet.RoomPayloadResponse
  contact(id: Wxid, read: () => puppet.ContactPayloadResponse): puppet.ContactPayloadResponse
  member(
    roomId: Wxid,
    id: Wxid,
    read: () => puppet.RoomMemberPayloadResponse,
  ): puppet.RoomMemberPayloadResponse
  forget(type: number, id: string): void
}

/** A puppet with nothing in its head: every answer is how it is. */
const KEEPS_NOTHING: KeptPayloads = {
  room: (_id, read) => read(),
  contact: (_id, read) => read(),
  member: (_roomId, _id, read) => read(),
  forget: () => {},
}

export const NOTHING_KEPT = { of: (_bot: Wxid): KeptPayloads => KEEPS_NOTHING }

/** What all the puppets behind one server remember. A restart of the server takes everything with it. */
export class KeptPayloadsOfBots {
  readonly #world: World
  readonly #isKeeping: boolean
  readonly #kept = new Map<Wxid, KeptPayloads>()
  readonly #unlisten: () => void

  constructor(world: World, isKeeping: boolean) {
    this.#world = world
    this.#isKeeping = isKeeping
    this.#unlisten = world.listen(event => this.#hear(event))
  }

  of(bot: Wxid): KeptPayloads {
    if (!this.#isKeeping) return KEEPS_NOTHING
    const kept = this.#kept.get(bot) ?? keptPayloads()
    this.#kept.set(bot, kept)
    return kept
  }

  forgetAll(): void {
    this.#kept.clear()
  }

  dispose(): void {
    this.#unlisten()
  }

  /** A puppet that says `dirty` has listened to itself, whether or not a client was there to hear it. */
  #hear(event: WorldEvent): void {
    // The service of an account that is offline is away, and starts anew with an empty head.
    if (event.type === 'bot-state' && event.state === 'offline') this.#kept.delete(event.wxid)
    for (const [wxid, kept] of this.#kept) {
      const bot = this.#world.bot(wxid)
      if (bot.state !== 'online') continue
      for (const { type, payload } of puppetEventsFor(this.#world, bot, event))
        if (type === EventType.EVENT_TYPE_DIRTY)
          kept.forget(Number(payload['payloadType']), String(payload['payloadId']))
    }
  }
}

function keptPayloads(): KeptPayloads {
  const rooms = new Map<Wxid, puppet.RoomPayloadResponse>()
  const contacts = new Map<Wxid, puppet.ContactPayloadResponse>()
  const members = new Map<Wxid, Map<Wxid, puppet.RoomMemberPayloadResponse>>()
  return {
    room: (id, read) => remembered(rooms, id, ROOMS_KEPT_MAX, read),
    contact: (id, read) => remembered(contacts, id, CONTACTS_KEPT_MAX, read),
    member(roomId, id, read) {
      const ofRoom = remembered(members, roomId, ROOMS_KEPT_MAX, () => new Map())
      return remembered(ofRoom, id, CONTACTS_KEPT_MAX, read)
    },
    forget(type, id) {
      if (type === PayloadType.PAYLOAD_TYPE_ROOM) rooms.delete(id)
      if (type === PayloadType.PAYLOAD_TYPE_CONTACT) contacts.delete(id)
      // The id of one member makes the stock class forget all members of its room.
      if (type === PayloadType.PAYLOAD_TYPE_ROOM_MEMBER) members.delete(id.split(STRING_SPLITTER, 1)[0] ?? id)
    },
  }
}

/** A refusal is thrown by `read`, and nobody remembers it. */
function remembered<Payload>(kept: Map<Wxid, Payload>, id: Wxid, max: number, read: () => Payload): Payload {
  const known = kept.get(id)
  if (known !== undefined) return known
  const payload = read()
  const [oldest] = kept.keys()
  if (kept.size >= max && oldest !== undefined) kept.delete(oldest)
  kept.set(id, payload)
  return payload
}
