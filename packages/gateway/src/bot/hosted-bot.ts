/**
 * The life of a hosted bot. It connects, follows the puppet's events, and when the stream ends it waits a moment and
 * connects anew on a fresh channel, for ever, until it is detached. A login makes it online and starts a sync; a login
 * after a loss starts a reconcile, because what happened in between was not heard. Syncs and hints run one after
 * another in the bot's queue; calls of the verbs go straight to the puppet.
 *
 * Detaching never logs the account out: it frees the puppet's stream slot and closes the channel.
 */
import assert from 'node:assert/strict'
import { type ContactWxid, RoomWxid, type UserId } from '@qunhub/wire'
import { type Bot, type BotAccount, type BotSession, isLoggedIn } from '../model/bot.ts'
import { type Clock, SECOND_MS, sleep } from '../model/clock.ts'
import type { Contact } from '../model/contact.ts'
import type { Log } from '../model/log.ts'
import type { Random } from '../model/random.ts'
import type { Room } from '../model/room.ts'
import { type BackOff, waitAfter } from './back-off.ts'
import { inParallel } from './bounded-parallel.ts'
import { createEventQueue, type EventQueue, TaskDropped } from './event-queue.ts'
import { followEvents, type StreamEnd } from './event-stream.ts'
import { openPuppetClient, type PuppetClient } from './puppet-client.ts'
import type { BotHint, PuppetNews } from './puppet-events.ts'
import { PuppetRefused, PuppetUnavailable } from './puppet-failures.ts'
import { readAccount } from './read-account.ts'
import { readContact, readContacts } from './read-contact.ts'
import { forgetRoom, readRoom, usableIds } from './read-room.ts'
import { move } from './session.ts'
import type { SyncTurns } from './sync-turns.ts'

/** Rooms read at once during a sync. */
const ROOMS_AT_ONCE_MAX = 4
/** After so many failed tries the bot is called offline; it keeps trying. */
const TRIES_BEFORE_OFFLINE = 10
/** Somebody else holds the puppet, or it does not want our token: looking again soon would not help. */
const HOPELESS_RETRY_MS = 30 * SECOND_MS
/** A connected puppet that names nobody within this time is logged out. */
const LOGIN_WAIT_MS = 10 * SECOND_MS
const SYNC_RETRY_MIN_MS = SECOND_MS
const SYNC_RETRY_MAX_MS = 30 * SECOND_MS

/** What the rest of the gateway sees of a bot. Calls throw PuppetTimeout, PuppetRefused or PuppetUnavailable. */
export interface HostedBot {
  readonly bot: Bot
  readonly session: BotSession
  /** Who it was at its last login, in this process or an earlier one. */
  readonly account: BotAccount | null
  /** What it goes by: its account's userId, before the first login the one that the operator expects. */
  readonly userId: UserId | null
  listRooms(): Promise<RoomWxid[]>
  listContacts(): Promise<ContactWxid[]>
  /** Members in the order of joining. Null when the puppet says that it cannot load the room. */
  readRoom(wxid: RoomWxid, options?: { readonly fresh?: boolean }): Promise<Room | null>
  /** Many, a few at a time, in their order. */
  readRooms(
    wxids: readonly RoomWxid[],
  ): AsyncIterable<{ readonly wxid: RoomWxid; readonly room: Room | null }>
  readContact(wxid: ContactWxid): Promise<Contact | null>
  /** Who is unknown to the puppet is left out. */
  readContacts(wxids: readonly ContactWxid[]): Promise<Contact[]>
  addMember(room: RoomWxid, contact: ContactWxid, how: 'pull' | 'card'): Promise<void>
  createRoom(contacts: readonly ContactWxid[], topic: string): Promise<RoomWxid>
  quitRoom(room: RoomWxid): Promise<void>
  sendText(room: RoomWxid, text: string): Promise<void>
}

/** What the floor above does with what a bot tells. */
export interface RosterHandlers {
  /** The account logged in: read everything and save it. Hints wait meanwhile. Tried again when it throws. */
  onLogin(bot: HostedBot, account: BotAccount, signal: AbortSignal): Promise<void>
  /** Something was missed: read everything and find out what changed. Likewise. */
  onResync(bot: HostedBot, reason: string, signal: AbortSignal): Promise<void>
  /** When it throws, a resync stands in for it. */
  onHint(bot: HostedBot, hint: BotHint): Promise<void>
  onSession(bot: HostedBot, session: BotSession): Promise<void>
}

export interface HostedBotDeps {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly handlers: RosterHandlers
  readonly turns: SyncTurns
  readonly callDeadlineMs: number
  readonly reconnectMs: BackOff
}

export class Hosting implements HostedBot {
  readonly bot: Bot
  readonly #deps: HostedBotDeps
  readonly #queue: EventQueue
  readonly #detached = new AbortController()
  #session: BotSession = { state: 'new' }
  #account: BotAccount | null
  #client: PuppetClient | null = null
  /** Ends with the connection or the login; syncs of an earlier one stop then. */
  #presence = new AbortController()
  /** The account whose first sync is done: its next login only needs a reconcile. */
  #syncedAs: ContactWxid | null = null
  #seq = 0
  #failedTries = 0
  #life: Promise<void> = Promise.resolve()

  constructor(bot: Bot, deps: HostedBotDeps) {
    this.bot = bot
    this.#account = bot.account
    this.#deps = deps
    this.#queue = createEventQueue(
      hint => this.#follow(hint),
      () => this.#resync('queue-overflow'),
      deps.log,
    )
  }

  get session(): BotSession {
    return this.#session
  }

  get account(): BotAccount | null {
    return this.#account
  }

  get userId(): UserId | null {
    return this.#account?.userId ?? this.bot.expectedUserId
  }

  // Its life.

  /** Begins to connect after `delayMs`; never throws because a puppet is away. */
  start(delayMs: number): void {
    this.#life = sleep(this.#deps.clock, delayMs, this.#detached.signal).then(() => this.#live())
  }

  /** Frees the puppet and ends; resolves when the last task under way has ended. */
  async detach(): Promise<void> {
    this.#detached.abort()
    this.#leavePresence()
    this.#client?.close()
    await this.#life
    await this.#queue.idle()
  }

  /** The operator's sync: after everything queued. Rejects with what `run` throws, or when the connection is lost. */
  async sync(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#online()
    const { signal } = this.#presence
    try {
      await this.#queue.run(() => this.#inTurn(signal, run))
    } catch (failure) {
      if (failure instanceof TaskDropped)
        throw new PuppetUnavailable('the bot went offline meanwhile', { cause: failure })
      throw failure
    }
  }

  async #live(): Promise<void> {
    if (this.#detached.signal.aborted) return
    this.#moveTo({ state: 'connecting', since: this.#deps.clock.now() })
    while (!this.#detached.signal.aborted) {
      const ended = await this.#connectOnce()
      if (ended.kind === 'stopped') return
      await sleep(this.#deps.clock, this.#afterLoss(ended), this.#detached.signal)
    }
  }

  async #connectOnce(): Promise<StreamEnd> {
    const { clock, callDeadlineMs } = this.#deps
    const client = openPuppetClient(this.bot.address, callDeadlineMs)
    this.#client = client
    let callOffLogin = () => {}
    try {
      return await followEvents(
        client,
        { seq: this.#seq, accountId: this.#account?.wxid ?? '' },
        {
          clock,
          signal: this.#detached.signal,
          listener: {
            onOpen: () => {
              this.#failedTries = 0
              callOffLogin = clock.after(LOGIN_WAIT_MS, () => this.#missLogin())
              // Tells the puppet to run, as every client does; one that runs already does nothing.
              client.start().catch(failure => this.#complain(failure, 'the puppet did not answer to start'))
            },
            onSeq: seq => {
              this.#seq = seq
            },
            onNews: news => this.#hear(news),
            onGarbled: () =>
              this.#deps.log.warn({ bot: this.bot.id }, 'an event could not be read; passed over'),
          },
        },
      )
    } finally {
      callOffLogin()
      this.#leavePresence()
      this.#client = null
      client.close()
    }
  }

  #missLogin(): void {
    const { state } = this.#session
    if (state === 'connecting' || state === 'reconnecting' || state === 'offline' || state === 'occupied') {
      this.#moveTo({
        state: 'logged-out',
        since: this.#deps.clock.now(),
        reason: 'the puppet is connected but not logged in',
      })
    }
  }

  /** Says what the loss means and returns how long to wait before the next try. */
  #afterLoss(ended: Exclude<StreamEnd, { kind: 'stopped' }>): number {
    const since = this.#deps.clock.now()
    switch (ended.kind) {
      case 'occupied':
        this.#moveTo({ state: 'occupied', since })
        return HOPELESS_RETRY_MS
      case 'token-refused':
        this.#moveTo({ state: 'offline', since, reason: 'the puppet refused the token' })
        return HOPELESS_RETRY_MS
      case 'lost': {
        const attempt = ++this.#failedTries
        // Waiting for a scan, or logged out, is the truth about the account whether or not the puppet is reachable.
        if (isLoggedIn(this.#session, this.#account) || this.#account === null) {
          this.#moveTo(
            attempt >= TRIES_BEFORE_OFFLINE
              ? { state: 'offline', since, reason: ended.reason }
              : { state: 'reconnecting', since, attempt, reason: ended.reason },
          )
        }
        return waitAfter(attempt, this.#deps.reconnectMs, this.#deps.random)
      }
      default:
        return ended satisfies never
    }
  }

  // What it hears.

  #hear(news: PuppetNews): void {
    const since = this.#deps.clock.now()
    switch (news.kind) {
      case 'hint':
        if (this.#session.state === 'online') this.#queue.hint(news.hint)
        return
      case 'scan':
        this.#leavePresence()
        this.#syncedAs = null
        this.#moveTo({ state: 'awaiting-scan', since, qrcode: news.qrcode })
        return
      case 'logout':
        this.#leavePresence()
        this.#syncedAs = null
        this.#moveTo({ state: 'logged-out', since, reason: news.reason })
        return
      case 'login':
        this.#login(news.wxid).catch(failure => this.#complain(failure, 'a login could not be finished'))
        return
      default:
        news satisfies never
    }
  }

  async #login(wxid: ContactWxid): Promise<void> {
    const isRepeated = this.#session.state === 'online' && this.#session.account.wxid === wxid
    if (isRepeated || !this.#client) return
    this.#leavePresence()
    const presence = this.#enterPresence()
    const account = await readAccount(
      this.#client,
      wxid,
      { ...this.#deps, backOff: this.#deps.reconnectMs },
      presence,
    )
    if (!account || presence.aborted) return
    this.#account = account
    this.#moveTo({ state: 'online', since: this.#deps.clock.now(), account })
    if (this.#syncedAs === wxid) this.#resync('reconnected')
    else this.#sync(account)
  }

  #sync(account: BotAccount): void {
    this.#untilDone('sync', async signal => {
      await this.#deps.handlers.onLogin(this, account, signal)
      this.#syncedAs = account.wxid
    })
  }

  #resync(reason: string): void {
    this.#untilDone('resync', signal => this.#deps.handlers.onResync(this, reason, signal))
  }

  /** Queues the work and, while the bot stays, repeats it until it succeeds: a store that is away comes back. */
  #untilDone(what: string, work: (signal: AbortSignal) => Promise<void>): void {
    const { signal } = this.#presence
    const attempt = async () => {
      for (
        let waitMs = SYNC_RETRY_MIN_MS;
        !signal.aborted;
        waitMs = Math.min(waitMs * 2, SYNC_RETRY_MAX_MS)
      ) {
        try {
          return await this.#inTurn(signal, work)
        } catch (failure) {
          if (signal.aborted) return
          this.#complain(failure, `a ${what} failed; it will be tried again`)
          await sleep(this.#deps.clock, waitMs, signal)
        }
      }
    }
    this.#queue.run(attempt).catch(failure => {
      if (!(failure instanceof TaskDropped)) this.#complain(failure, `a ${what} was given up`)
    })
  }

  /** A few bots sync at a time; nothing is done once the connection is gone. */
  async #inTurn(signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const giveBack = await this.#deps.turns.take(signal)
    if (!giveBack) throw new TaskDropped('the connection was lost meanwhile')
    try {
      await work(signal)
    } finally {
      giveBack()
    }
  }

  async #follow(hint: BotHint): Promise<void> {
    const { signal } = this.#presence
    if (signal.aborted) return
    try {
      await this.#deps.handlers.onHint(this, hint)
    } catch (failure) {
      if (signal.aborted) return
      this.#complain(failure, 'an event could not be followed; a resync stands in for it')
      this.#resync('hint-failed')
    }
  }

  #enterPresence(): AbortSignal {
    this.#presence = new AbortController()
    return this.#presence.signal
  }

  /** Whatever waits belongs to a connection that is gone; the next login reads everything anyway. */
  #leavePresence(): void {
    this.#presence.abort()
    this.#queue.clear()
  }

  #moveTo(session: BotSession): void {
    this.#session = move(this.#session, session)
    this.#deps.log.info(
      { bot: this.bot.id, workspace: this.bot.workspaceId, state: session.state },
      'bot changed its state',
    )
    this.#deps.handlers
      .onSession(this, session)
      .catch(failure => this.#complain(failure, 'a state could not be saved'))
  }

  #complain(failure: unknown, sentence: string): void {
    this.#deps.log.warn({ bot: this.bot.id, workspace: this.bot.workspaceId, err: failure }, sentence)
  }

  // What it does.

  #online(): PuppetClient {
    if (this.#session.state !== 'online' || !this.#client)
      throw new PuppetUnavailable(`the bot is ${this.#session.state}`)
    return this.#client
  }

  async listRooms(): Promise<RoomWxid[]> {
    return usableRooms(await this.#online().roomList())
  }

  async listContacts(): Promise<ContactWxid[]> {
    return usableIds(await this.#online().contactList())
  }

  async readRoom(wxid: RoomWxid, { fresh = false }: { readonly fresh?: boolean } = {}): Promise<Room | null> {
    const client = this.#online()
    if (fresh) await forgetRoom(client, wxid)
    return readRoom(client, this.#self(), wxid)
  }

  readRooms(
    wxids: readonly RoomWxid[],
  ): AsyncIterable<{ readonly wxid: RoomWxid; readonly room: Room | null }> {
    return inParallel(wxids, ROOMS_AT_ONCE_MAX, async wxid => ({ wxid, room: await this.readRoom(wxid) }))
  }

  async readContact(wxid: ContactWxid): Promise<Contact | null> {
    return readContact(this.#online(), this.#self(), wxid)
  }

  async readContacts(wxids: readonly ContactWxid[]): Promise<Contact[]> {
    return readContacts(this.#online(), this.#self(), wxids)
  }

  async addMember(room: RoomWxid, contact: ContactWxid, how: 'pull' | 'card'): Promise<void> {
    await this.#online().roomAdd(room, contact, how === 'card')
  }

  async createRoom(contacts: readonly ContactWxid[], topic: string): Promise<RoomWxid> {
    const [wxid] = usableRooms([await this.#online().roomCreate(contacts, topic)])
    if (!wxid) throw new PuppetRefused('the puppet created a room without an id')
    return wxid
  }

  async quitRoom(room: RoomWxid): Promise<void> {
    await this.#online().roomQuit(room)
  }

  async sendText(room: RoomWxid, text: string): Promise<void> {
    await this.#online().messageSendText(room, text)
  }

  #self(): BotAccount {
    assert(this.#account, 'an online bot has an account')
    return this.#account
  }
}

const usableRooms = (ids: readonly string[]): RoomWxid[] =>
  [...new Set(ids)].flatMap(id => RoomWxid.safeParse(id).data ?? [])
