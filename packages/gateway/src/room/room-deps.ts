import type { RoomWxid, WorkspaceId } from '@qunhub/wire'
import type { Contact } from '../model/contact.ts'
import type { Room } from '../model/room.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import type { Roster } from '../puppet/roster.ts'
import type { Database } from '../store/database/database.ts'
import type { SavedRoom } from '../store/rooms/rooms.ts'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import type { AddOnce } from './add-once.ts'
import type { AdditionPace } from './addition-pace.ts'
import type { AnswerMemory } from './answer-memory.ts'
import type { CreationTurns } from './creation-turns.ts'

/** What the verbs of /room lean on; gateway.ts hands it down. */
export interface RoomDeps {
  readonly db: Database
  readonly roster: Pick<Roster, 'byUserId'>
  readonly clock: Clock
  readonly log: Log
  /** Keeping the store true to what a running bot sees is chatroom's work, on the same floor; gateway.ts joins the two. */
  readonly chatroom: Chatroom
  readonly addOnce: AddOnce
  readonly pace: AdditionPace
  readonly answers: AnswerMemory
  readonly creations: CreationTurns
}

/** What a verb does with a room it has looked into. `begun` orders overlapping reads: the later one wins. */
export interface Chatroom {
  /** To be called before a read begins. */
  begin(): number
  /** Runs `work`, which adds to the room and keeps what it sees of it then: events of the room wait for it, a moment. */
  acting<T>(bot: HostedBot, roomWxid: RoomWxid, work: () => Promise<T>): Promise<T>
  /**
   * Saves what the running bot witnessed and owes `joined` if the room is new, and in any case once if it was `created`
   * by a request; null if a later read was saved already.
   */
  keepRoom(
    bot: HostedBot,
    read: { readonly room: Room; readonly begun: number },
    why: 'witnessed' | 'created',
  ): Promise<SavedRoom | null>
  /** Saves a room that was looked at and left as it was, unless the store cannot. */
  keepFound(bot: HostedBot, read: { readonly room: Room; readonly begun: number }): Promise<void>
  /** Saves whom a request has named, as he was read since `begun`. */
  keepContact(bot: HostedBot, read: { readonly contact: Contact; readonly begun: number }): Promise<void>
  /** The bot was seen outside. */
  forgetRoom(bot: HostedBot, roomWxid: RoomWxid, begun: number): Promise<boolean>
}

/** On whose behalf a verb runs: the workspace of the token. */
export interface Caller {
  readonly workspaceId: WorkspaceId
}
