import type { ContactWxid, RoomWxid, UserId } from '@qunhub/wire'
import type { Bot, BotAccount, BotMove, BotSession, Tenure } from '../model/bot.ts'
import type { Contact } from '../model/contact.ts'
import type { Room } from '../model/room.ts'
import type { Verification, VerificationNews } from '../model/verification.ts'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import type { Random } from '../system/random.ts'
import type { BackOff } from './back-off.ts'
import type { BotMeter } from './bot-meter.ts'
import type { FreshContacts } from './fresh-contacts.ts'
import type { HearingNews } from './hearing.ts'
import type { WhyLater } from './later-looks.ts'
import type { MoveTeller } from './move-teller.ts'
import type { BotHint } from './puppet-events.ts'
import type { PuppetExcess, PuppetTimeout } from './puppet-failures.ts'
import type { ComesTo, SyncTurns } from './sync-turns.ts'

/**
 * What the rest of the gateway sees of a bot. Calls throw PuppetTimeout, PuppetRefused, PuppetExcess or
 * PuppetUnavailable, the last one at once while the bot is not online.
 */
export interface HostedBot {
  readonly bot: Bot
  /** What its writes to the store are fenced by. */
  readonly tenure: Tenure
  /** Its first sync is not done yet. */
  readonly isStarting: boolean
  /** `offline` as well while this node may not act for it, because it lost touch with its peers. */
  readonly session: BotSession
  /** What WeCom wants proved about its account, or wanted until a moment ago; beside the session, which stays what it is. */
  readonly verification: Verification | null
  /** Who it was at its last login, in this process or an earlier one. */
  readonly account: BotAccount | null
  /** What it goes by: its account's userId, before the first login the one that the operator expects. */
  readonly userId: UserId | null
  /** The number of the last event that was heard; the next stream begins after it. */
  readonly lastSeq: number
  /** When something was last heard that proves that it hears; null: nothing yet, in this process. */
  readonly heardAt: number | null
  /**
   * Does what a customer asked for; whoever takes the bot away waits for it, within a bound (BOT-200). Rejects with
   * PuppetUnavailable when the bot is being taken away already, else with what `work` throws.
   */
  onErrand<T>(work: () => Promise<T>): Promise<T>
  /** To be called by a sync that has come on, to news or to what was known: it keeps its turn, or waits for another one (BOT-212). */
  keepTurn(what?: ComesTo): Promise<void>
  /** Whether an event has told that the room changed, and nobody has followed it yet. */
  hasHintOf(wxid: RoomWxid): boolean
  /**
   * The room is not to be seen whole yet: it is looked at again in a while, a few times, as if an event had come. `asked`: a request
   * has found it otherwise than is known; it is looked at once, and that counts for nothing.
   */
  lookLater(wxid: RoomWxid, why?: WhyLater): void
  /** The puppet may know more in a while: a resync `look-again` is queued by then, or as soon as the puppet is ready. */
  lookAgain(withinMs: number): void
  /** Something contradicts what the puppet listed: whatever look is to come comes within a second. */
  hurryLook(): void
  /** Its start is over: its next login, after a loss, is none (CB-14). */
  endStart(): void
  listRooms(): Promise<RoomWxid[]>
  listContacts(): Promise<ContactWxid[]>
  /** Members in the order of joining. Null when the puppet says that it cannot load the room, or shows it without any. */
  readRoom(wxid: RoomWxid, how?: Reading): Promise<Room | null>
  /**
   * Many, a few at a time, each as it comes, fresh and to be kept; one is taken from `wxids` when its reading begins. Null: the room could not be loaded, and where it hung or was too
   * much, the `failure`. That says nothing about whether the bot is still in it. `fresh`: contacts that were read afresh
   * already; those of members are added.
   */
  readRooms(wxids: Iterable<RoomWxid>, fresh?: FreshContacts): AsyncIterable<ReadOfMany>
  /** Who the bot is now: it may have been renamed since its login. Null when the puppet cannot say. */
  refreshAccount(): Promise<BotAccount | null>
  readContact(wxid: ContactWxid, how?: Reading): Promise<Contact | null>
  /** Who is unknown to the puppet is left out. */
  readContacts(wxids: readonly ContactWxid[], how?: Reading): Promise<Contact[]>
  /** Resolves both when the contact has joined and when a card was sent. */
  addMember(room: RoomWxid, contact: ContactWxid, how: 'pull' | 'card'): Promise<void>
  createRoom(contacts: readonly ContactWxid[], topic: string): Promise<RoomWxid>
  /** May resolve with the bot still inside: look again. */
  quitRoom(room: RoomWxid): Promise<void>
  sendText(room: RoomWxid, text: string): Promise<void>
}

export interface Reading {
  /** As it is, and not as the puppet has it in mind. */
  readonly fresh?: boolean
  /** Whoever reads it fresh keeps it in the store, so that the echo of forgetting is no news. */
  readonly isKept?: boolean
  /** Of a room: who will be in it, as far as the reader knows. They are asked for beside the room, and behind it whoever else is in it. Must not fail. */
  readonly expected?: () => Promise<readonly ContactWxid[]>
}

export interface ReadOfMany {
  readonly wxid: RoomWxid
  readonly room: Room | null
  readonly failure: PuppetTimeout | PuppetExcess | null
}

/** What the floor above does with what a bot tells. */
export interface RosterHandlers {
  /**
   * Who logged in. Only when this has resolved is the bot online; tried again when it throws. False: it is another account
   * than the operator's, and the bot is not online.
   */
  onAccount(bot: HostedBot, account: BotAccount, signal: AbortSignal): Promise<boolean>
  /** The account logged in: read everything and save it. Hints wait meanwhile. Tried again when it throws. */
  onLogin(bot: HostedBot, account: BotAccount, signal: AbortSignal): Promise<void>
  /**
   * Called before a resync waits for its turn: what it is to compare with is found out. Only when this has resolved are hints
   * followed beside it (BOT-277). Tried again when it throws.
   */
  beforeResync?(bot: HostedBot, reason: string, signal: AbortSignal): Promise<void>
  /** Something was missed: read everything and find out what changed. Tried again when it throws. */
  onResync(bot: HostedBot, reason: string, signal: AbortSignal): Promise<void>
  /** When it throws, a resync stands in for it. */
  onHint(bot: HostedBot, hint: BotHint, signal: AbortSignal): Promise<void>
  /** The puppet has answered a ding for the first time ever, so it can be told from now on when it does not. */
  onDingAnswered?(bot: HostedBot): Promise<void>
  /** Called at once; whoever listens must not throw. */
  onHearing?(bot: HostedBot, news: HearingNews): void
  /** Called at once; whoever listens must not throw. */
  onVerification?(bot: HostedBot, news: VerificationNews): void
  /**
   * Called for one state after another, with the move that led to it; the next waits until this has resolved. See
   * MoveTeller for what becomes of those that wait.
   */
  onSession(bot: HostedBot, session: BotSession, move: BotMove): void | Promise<void>
}

export interface HostingDeps {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly handlers: RosterHandlers
  readonly meter: BotMeter
  /** Of this bot, however often it was hosted here before. */
  readonly teller: MoveTeller
  /** Numbers the moves of all bots of this process. */
  readonly nextSeq: () => number
  readonly turns: SyncTurns
  readonly callDeadlineMs: number
  /** Certificates (PEM) that vouch for puppet services besides those that the machine trusts. */
  readonly puppetCa?: string | undefined
  readonly reconnectMs: BackOff
  /** About how often an online bot is compared with its puppet (BOT-210); 0: never. */
  readonly reconcileEveryMs: number
  /** False while another node may have taken the bot over: then nothing is changed through it. */
  readonly mayAct: () => boolean
}
