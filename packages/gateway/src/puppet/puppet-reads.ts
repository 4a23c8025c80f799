/**
 * What is read from a bot's puppet while it is online: rooms and contacts, as the puppet has them in mind, or fresh, when it
 * is asked to forget them first (`forgetting.ts`). All reject as `HostedBot` says.
 */
import type { ContactWxid, RoomWxid } from '@qunhub/wire'
import type { Contact } from '../model/contact.ts'
import type { Room } from '../model/room.ts'
import { inParallel } from './bounded-parallel.ts'
import { contactThings, type KeptThing, roomThings } from './forgetting.ts'
import type { FreshContacts } from './fresh-contacts.ts'
import type { Reading, ReadOfMany } from './hosted-bot.ts'
import type { Presence } from './login/logins-deps.ts'
import { PuppetExcess, PuppetTimeout } from './puppet-failures.ts'
import { readContact, readContacts } from './read-contact.ts'
import type { ReadOnce } from './read-once.ts'
import { readRoom } from './read-room.ts'

/** Rooms read at once during a sync. */
const ROOMS_AT_ONCE_MAX = 4
const FOR_KEEPS: Reading = { fresh: true, isKept: true }

export class PuppetReads {
  readonly #online: () => Presence

  /** `online` throws PuppetUnavailable while the bot is not; asked again for each call, for that may end in between. */
  constructor(online: () => Presence) {
    this.#online = online
  }

  async room(wxid: RoomWxid, how: Reading): Promise<Room | null> {
    const { client, account, forgetting } = this.#online()
    const [onHeard, expected] = await Promise.all([this.#forget(roomThings(wxid), how), how.expected?.()])
    // Who is in it is no question of this reading; but read one by one, the puppet keeps them again.
    const readMembers = (ids: readonly ContactWxid[]) => {
      forgetting.noteReadElsewhere(ids)
      return readContacts(client, account, ids, async some => forgetting.noteKept(contactThings(some)))
    }
    return readRoom(client, account, wxid, { onHeard, readMembers, expected })
  }

  async *rooms(wxids: Iterable<RoomWxid>, fresh: FreshContacts): AsyncGenerator<ReadOfMany> {
    const { forgetting } = this.#online()
    yield* forgetting.readingOnce(once =>
      inParallel(wxids, ROOMS_AT_ONCE_MAX, wxid => this.#roomInTime(wxid, fresh, once)),
    )
  }

  async contact(wxid: ContactWxid, how: Reading): Promise<Contact | null> {
    const { client, account, forgetting } = this.#online()
    forgetting.noteReadElsewhere([wxid])
    const onHeard = await this.#forget(contactThings([wxid]), how)
    return readContact(client, account, wxid).finally(onHeard)
  }

  async contacts(wxids: readonly ContactWxid[], how: Reading): Promise<Contact[]> {
    const { client, account, forgetting } = this.#online()
    forgetting.noteReadElsewhere(wxids)
    return readContacts(client, account, wxids, some => this.#forget(contactThings(some), how))
  }

  /** Resolves when the puppet has forgotten them, with what is to be called once it has been heard of them again. */
  async #forget(
    things: readonly KeptThing[],
    { fresh = false, isKept = false }: Reading,
  ): Promise<() => void> {
    const { client, forgetting } = this.#online()
    if (!fresh) return forgetting.noteKept(things)
    return forgetting.ask(client, things, { isKept })
  }

  /** One room that hangs for ever, or has too much in it, must not keep a sync of a thousand others from ever ending. */
  async #roomInTime(wxid: RoomWxid, fresh: FreshContacts, once: ReadOnce): Promise<ReadOfMany> {
    try {
      const { client, account, forgetting } = this.#online()
      const onHeard = await this.#forget(roomThings(wxid), FOR_KEEPS)
      const readSome = (ids: readonly ContactWxid[]) =>
        readContacts(client, account, ids, some =>
          fresh.have(some, others => this.#forget(contactThings(others), FOR_KEEPS)),
        )
      const readMembers = (ids: readonly ContactWxid[]) =>
        forgetting.hearsFor(once) ? once.contacts(ids, readSome) : readSome(ids)
      const room = await readRoom(client, account, wxid, { onHeard, readMembers })
      return { wxid, room, failure: null }
    } catch (failure) {
      if (failure instanceof PuppetTimeout || failure instanceof PuppetExcess)
        return { wxid, room: null, failure }
      throw failure
    }
  }
}
