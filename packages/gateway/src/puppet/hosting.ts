/**
 * A bot that this process hosts: its parts, and the calls that the rest of the gateway makes through it. It stays connected
 * until it is detached (`connecting.ts`); what is told of its account makes it online or ends that (`login/logins.ts`).
 *
 * Detaching never logs the account out: it frees the puppet's stream slot and closes the channel.
 */
import type { ContactWxid, RoomWxid, UserId } from '@qunhub/wire'
import type { Bot, BotAccount, BotPast, BotSession, ClaimedBot, Tenure } from '../model/bot.ts'
import type { Contact } from '../model/contact.ts'
import type { Room } from '../model/room.ts'
import type { Verification } from '../model/verification.ts'
import { sleep } from '../system/clock.ts'
import { BotDuties } from './bot-duties.ts'
import { Connecting } from './connecting.ts'
import { Errands } from './errands.ts'
import { FreshContacts } from './fresh-contacts.ts'
import { Hearing } from './hearing.ts'
import type { HostedBot, HostingDeps, Reading, ReadOfMany } from './hosted-bot.ts'
import type { WhyLater } from './later-looks.ts'
import { Logins } from './login/logins.ts'
import { Verifications } from './login/verifications.ts'
import { Losses } from './losses.ts'
import { PuppetRefused, PuppetUnavailable } from './puppet-failures.ts'
import { contactsIn, roomsIn } from './puppet-lists.ts'
import { PuppetReads } from './puppet-reads.ts'
import { Standing } from './standing.ts'
import type { ComesTo } from './sync-turns.ts'

export class Hosting implements HostedBot {
  readonly bot: Bot
  readonly tenure: Tenure
  readonly #past: BotPast
  readonly #deps: HostingDeps
  readonly #errands = new Errands()
  readonly #hurry = new AbortController()
  readonly #detached = new AbortController()
  readonly #hearing: Hearing
  readonly #duties: BotDuties
  readonly #standing: Standing
  readonly #verifications: Verifications
  readonly #logins: Logins
  readonly #connecting: Connecting
  readonly #reads: PuppetReads
  #lived: Promise<void> = Promise.resolve()

  /** A bot that only changed its node goes on where its last node stopped: its first sync is done. */
  constructor({ bot, fence, starting, past }: ClaimedBot, deps: HostingDeps) {
    this.bot = bot
    this.tenure = { workspaceId: bot.workspaceId, botId: bot.id, fence }
    this.#past = past
    this.#deps = deps
    this.#hearing = new Hearing(past)
    this.#duties = new BotDuties(this, deps)
    this.#standing = new Standing(this, deps)
    this.#verifications = new Verifications({
      clock: deps.clock,
      tell: news => this.#standing.tellVerification(news),
    })
    const parts = {
      ...{ ...deps, bot: this, detached: this.#detached.signal, hadStream: past.hadStream },
      ...{ standing: this.#standing, hearing: this.#hearing },
      ...{ duties: this.#duties, verifications: this.#verifications },
    }
    const logins = new Logins(parts, { starting })
    this.#logins = logins
    const losses = new Losses({ ...parts, endLogin: reason => logins.end(reason) })
    this.#connecting = new Connecting({ ...parts, logins, losses })
    this.#reads = new PuppetReads(() => logins.online())
  }

  get session(): BotSession {
    if (this.#deps.mayAct()) return this.#standing.session
    return { state: 'offline', since: this.#deps.clock.now(), reason: NOT_OURS_FOR_NOW }
  }

  get verification(): Verification | null {
    return this.#verifications.current
  }

  get account(): BotAccount | null {
    return this.#standing.account
  }

  get userId(): UserId | null {
    return this.account?.userId ?? this.bot.expectedUserId
  }

  get isStarting(): boolean {
    return this.#logins.isStarting
  }

  get lastSeq(): number {
    return this.#connecting.lastSeq
  }

  get heardAt(): number | null {
    return this.#connecting.heardAt
  }

  /** As it would be claimed now: the account that has logged in since is known, and so is how the puppet was left. */
  get claim(): ClaimedBot {
    const past = this.#hearing.toPast(this.#past, this.#standing.session.state)
    const { fence } = this.tenure
    return { bot: { ...this.bot, account: this.account }, fence, starting: this.isStarting, past }
  }

  /** Begins to connect after `delayMs`; never throws because a puppet is away. */
  start(delayMs: number): void {
    const itsTurn = delayMs > 0 ? sleep(this.#deps.clock, delayMs, this.#detached.signal) : Promise.resolve()
    this.#lived = itsTurn.then(() => this.#connecting.untilDetached())
  }

  /** Frees the puppet and ends; resolves when the last task under way has ended. */
  async detach(): Promise<void> {
    this.#hurry.abort()
    this.#detached.abort()
    this.#duties.leave()
    await this.#lived
    await this.#duties.idle()
    await this.#deps.teller.idle()
  }

  /** Begins no errand any more and waits for those under way, `maxMs` at most, or until it is detached. */
  async endErrands(maxMs: number): Promise<void> {
    const { clock, log } = this.#deps
    const left = await this.#errands.end(clock, maxMs, this.#hurry.signal)
    if (left > 0) log.warn({ bot: this.bot.id, requests: left }, 'a bot leaves in the middle of requests')
  }

  onErrand<T>(work: () => Promise<T>): Promise<T> {
    return this.#errands.run(work)
  }

  /** The operator's sync: after everything queued. Rejects with what `run` throws, or with PuppetUnavailable. */
  async sync(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#logins.online()
    await this.#duties.sync(run)
  }

  /** What is asked of the puppet ends as if its time were over. */
  waitNoLonger(): void {
    this.#logins.waitNoLonger()
  }

  askForLogin(): void {
    this.#logins.orders.askForLogin()
  }

  lookForLogin(): void {
    this.#logins.lookForLogin()
  }

  async enterCode(code: string): Promise<void> {
    this.#mustBeOurs()
    await this.#logins.orders.enterCode(code)
  }

  async logOut(): Promise<void> {
    // The account may be another node's by now, and then it is not ours to end.
    this.#mustBeOurs()
    await this.#logins.orders.logOut()
  }

  keepTurn(what?: ComesTo): Promise<void> {
    return this.#duties.keepTurn(what)
  }

  hasHintOf(wxid: RoomWxid): boolean {
    return this.#duties.hasHintOf(wxid)
  }

  lookLater(wxid: RoomWxid, why?: WhyLater): void {
    this.#duties.lookLater(wxid, why)
  }

  lookAgain(withinMs: number): void {
    this.#duties.lookAgain(withinMs)
  }

  hurryLook(): void {
    this.#duties.hurryLook()
  }

  endStart(): void {
    this.#logins.endStart()
  }

  async listRooms(): Promise<RoomWxid[]> {
    return roomsIn(await this.#logins.online().client.roomList())
  }

  async listContacts(): Promise<ContactWxid[]> {
    return contactsIn(await this.#logins.online().client.contactList())
  }

  readRoom(wxid: RoomWxid, how: Reading = {}): Promise<Room | null> {
    return this.#reads.room(wxid, how)
  }

  readRooms(wxids: Iterable<RoomWxid>, fresh = new FreshContacts()): AsyncIterable<ReadOfMany> {
    return this.#reads.rooms(wxids, fresh)
  }

  refreshAccount(): Promise<BotAccount | null> {
    return this.#logins.refreshAccount()
  }

  readContact(wxid: ContactWxid, how: Reading = {}): Promise<Contact | null> {
    return this.#reads.contact(wxid, how)
  }

  readContacts(wxids: readonly ContactWxid[], how: Reading = {}): Promise<Contact[]> {
    return this.#reads.contacts(wxids, how)
  }

  async addMember(room: RoomWxid, contact: ContactWxid, how: 'pull' | 'card'): Promise<void> {
    await this.#acting().client.roomAdd(room, contact, how === 'card')
  }

  async createRoom(contacts: readonly ContactWxid[], topic: string): Promise<RoomWxid> {
    const [wxid] = roomsIn([await this.#acting().client.roomCreate(contacts, topic)])
    if (!wxid) throw new PuppetRefused('the puppet created a room without an id')
    return wxid
  }

  async quitRoom(room: RoomWxid): Promise<void> {
    await this.#acting().client.roomQuit(room)
  }

  async sendText(room: RoomWxid, text: string): Promise<void> {
    await this.#acting().client.messageSendText(room, text)
  }

  /** Reading does no harm when another node has the bot by now; changing something might be done twice. */
  #acting() {
    this.#mustBeOurs()
    return this.#logins.online()
  }

  #mustBeOurs(): void {
    if (!this.#deps.mayAct()) throw new PuppetUnavailable(NOT_OURS_FOR_NOW)
  }
}

const NOT_OURS_FOR_NOW = 'this node has lost touch with the others'
