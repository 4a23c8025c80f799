/**
 * Puppets keep what they were asked for once, and go on answering with it until somebody asks them to forget. So whoever
 * wants to know how something is asks for that first.
 *
 * Stock servers tell everybody who listens that something became stale, also whoever asked for it: one echo for each asking,
 * before the answer to whatever is asked next. Taken for news, each echo would be a reason to read again, to ask again, and
 * to hear of it again. So who keeps what it reads expects its echo, and one more than that is news; and what a puppet has
 * forgotten by itself it need not be asked to forget.
 */
import { puppet } from '@juzi/wechaty-grpc'
import type { ContactWxid, RoomWxid } from '@qunhub/wire'
import type { PuppetClient } from './puppet-client.ts'
import { PuppetRefused } from './puppet-failures.ts'
import { ReadOnce } from './read-once.ts'

/** Something of which a puppet keeps what it knows. */
export type KeptThing =
  | { readonly what: 'room' | 'members'; readonly wxid: RoomWxid }
  | { readonly what: 'contact'; readonly wxid: ContactWxid }

export const roomThings = (wxid: RoomWxid): KeptThing[] => [
  { what: 'room', wxid },
  { what: 'members', wxid },
]
export const contactThings = (wxids: readonly ContactWxid[]): KeptThing[] =>
  wxids.map(wxid => ({ what: 'contact', wxid }))

/** Asked for in one go. */
const ASKED_AT_ONCE_MAX = 100
/** A puppet that names more is making them up; then they are all asked for once more. */
const FRESH_MAX = 10_000

export class Forgetting {
  readonly #expected = new Map<string, number>()
  /** Reading these is fresh as it is, once: then the puppet keeps them again. */
  readonly #fresh = new Set<string>()
  readonly #readings = new Set<ReadOnce>()

  /**
   * Asks the puppet to forget these; that it refuses to is no reason not to read them. Where the reader keeps what it reads
   * (`isKept`), the echoes count for nothing until the returned function is called, when the first answer after this is there.
   */
  async ask(
    client: PuppetClient,
    things: readonly KeptThing[],
    { isKept }: { readonly isKept: boolean },
  ): Promise<() => void> {
    const stale = things.filter(thing => !this.#fresh.delete(keyOf(thing)))
    const forgetEchoes = isKept ? this.#expectEchoes(stale) : () => {}
    try {
      for (let from = 0; from < stale.length; from += ASKED_AT_ONCE_MAX) {
        const some = stale.slice(from, from + ASKED_AT_ONCE_MAX)
        await Promise.all(
          some.map(({ what, wxid }) => orRefused(client.dirtyPayload(puppet.PayloadType[TYPES[what]], wxid))),
        )
      }
      return forgetEchoes
    } catch (failure) {
      forgetEchoes()
      throw failure
    }
  }

  #expectEchoes(things: readonly KeptThing[]): () => void {
    const keys = things.map(keyOf)
    for (const key of keys) this.#expected.set(key, (this.#expected.get(key) ?? 0) + 1)
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      for (const key of keys) this.#takeOne(key)
    }
  }

  /** The puppet says that it keeps nothing old of this. Whether that is news, and no echo. */
  isNews(thing: KeptThing): boolean {
    const key = keyOf(thing)
    if (this.#takeOne(key)) return false
    if (thing.what === 'contact') this.noteReadElsewhere([thing.wxid])
    if (this.#fresh.size >= FRESH_MAX) this.#fresh.clear()
    this.#fresh.add(key)
    return true
  }

  /**
   * The puppet keeps these again, because somebody reads them without asking it to forget; when the answer is there the returned
   * function is to be called: what it said of them meanwhile it may have said before it kept them.
   */
  noteKept(things: readonly KeptThing[]): () => void {
    this.noteChanged(things)
    return () => this.noteChanged(things)
  }

  /** Something happened to these, and whether the puppet has forgotten them since somebody read them nobody knows. */
  noteChanged(things: readonly KeptThing[]): void {
    for (const thing of things) this.#fresh.delete(keyOf(thing))
  }

  /** For as long as `rooms` are read, whoever was read once is known, unless something is heard of him. */
  async *readingOnce<Read>(rooms: (once: ReadOnce) => AsyncIterable<Read>): AsyncGenerator<Read> {
    const once = new ReadOnce()
    this.#readings.add(once)
    try {
      yield* rooms(once)
    } finally {
      this.#readings.delete(once)
    }
  }

  /** Not after a loss: nobody has listened meanwhile. */
  hearsFor(once: ReadOnce): boolean {
    return this.#readings.has(once)
  }

  /** Somebody is about to know more of these than a reading of rooms remembers. */
  noteReadElsewhere(wxids: readonly ContactWxid[]): void {
    for (const once of this.#readings) once.forget(wxids)
  }

  clear(): void {
    this.#expected.clear()
    this.#fresh.clear()
    this.#readings.clear()
  }

  #takeOne(key: string): boolean {
    const left = this.#expected.get(key) ?? 0
    if (left === 0) return false
    if (left === 1) this.#expected.delete(key)
    else this.#expected.set(key, left - 1)
    return true
  }
}

const keyOf = ({ what, wxid }: KeptThing): string => `${what} ${wxid}`

const TYPES = {
  room: 'PAYLOAD_TYPE_ROOM',
  members: 'PAYLOAD_TYPE_ROOM_MEMBER',
  contact: 'PAYLOAD_TYPE_CONTACT',
} as const

const orRefused = async (asked: Promise<void>): Promise<void> => {
  try {
    await asked
  } catch (failure) {
    if (!(failure instanceof PuppetRefused)) throw failure
  }
}
