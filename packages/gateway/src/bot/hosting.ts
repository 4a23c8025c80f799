import type { ContactWxid, RoomWxid, UserId } from '@qunhub/wire'
import type { Bot, BotAccount, BotSession, ClaimedBot, Tenure } from '../model/bot.ts'
import type { Contact } from '../model/contact.ts'
import type { Room } from '../model/room.ts'
import type { Verification } from '../model/verification.ts'
import { BotLife } from './bot-life.ts'
import { inParallel } from './bounded-parallel.ts'
import { Errands } from './errands.ts'
import { contactThings, FreshContacts, type KeptThing, roomThings } from './forgetting.ts'
import type { HostedBot, HostingDeps, Reading, ReadOfMany } from './hosted-bot.ts'
import { PuppetExcess, PuppetRefused, PuppetTimeout, PuppetUnavailable } from './puppet-failures.ts'
import { contactsIn, roomsIn } from './puppet-lists.ts'
import { readContact, readContacts } from './read-contact.ts'
import { readRoom } from './read-room.ts'

/** Rooms read at once during a sync. */
const ROOMS_AT_ONCE_MAX = 4

/** A bot that this process hosts: its life, and the calls that the rest of the gateway makes through it. */
export class Hosting implements HostedBot {
  readonly bot: Bot
  readonly tenure: Tenure
  readonly #deps: HostingDeps
  readonly #life: BotLife
  readonly #errands = new Errands()
  readonly #hurry = new AbortController()

  constructor({ bot, fence, starting, past }: ClaimedBot, deps: HostingDeps) {
    this.bot = bot
    this.tenure = { workspaceId: bot.workspaceId, botId: bot.id, fence }
    this.#deps = deps
    this.#life = new BotLife(this, deps, { starting, past })
  }

  get session(): BotSession {
    if (this.#deps.mayAct()) return this.#life.session
    return { state: 'offline', since: this.#deps.clock.now(), reason: NOT_OURS_FOR_NOW }
  }

  get verification(): Verification | null {
    return this.#life.verification
  }

  get account(): BotAccount | null {
    return this.#life.account
  }

  get userId(): UserId | null {
    return this.account?.userId ?? this.bot.expectedUserId
  }

  get isStarting(): boolean {
    return this.#life.isStarting
  }

  /** As it would be claimed now: the account that has logged in since is known, and so is how the puppet was left. */
  get claim(): ClaimedBot {
    const { account, isStarting, past } = this.#life
    return { bot: { ...this.bot, account }, fence: this.tenure.fence, starting: isStarting, past }
  }

  get lastSeq(): number {
    return this.#life.lastSeq
  }

  /** Begins to connect after `delayMs`; never throws because a puppet is away. */
  start(delayMs: number): void {
    this.#life.start(delayMs)
  }

  /** Frees the puppet and ends; resolves when the last task under way has ended. */
  detach(): Promise<void> {
    this.#hurry.abort()
    return this.#life.detach()
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
  sync(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
    return this.#life.sync(run)
  }

  /** What is asked of the puppet ends as if its time were over. */
  waitNoLonger(): void {
    this.#life.waitNoLonger()
  }

  askForLogin(): void {
    this.#life.askForLogin()
  }

  lookForLogin(): void {
    this.#life.lookForLogin()
  }

  async enterCode(code: string): Promise<void> {
    this.#mustBeOurs()
    await this.#life.enterCode(code)
  }

  async logOut(): Promise<void> {
    // The account may be another node's by now, and then it is not ours to end.
    this.#mustBeOurs()
    await this.#life.logOut()
  }

  keepTurn(): Promise<void> {
    return this.#life.keepTurn()
  }

  hasHintOf(wxid: RoomWxid): boolean {
    return this.#life.hasHintOf(wxid)
  }

  lookLater(wxid: RoomWxid): void {
    this.#life.lookLater(wxid)
  }

  lookAgain(withinMs: number): void {
    this.#life.lookAgain(withinMs)
  }

  hurryLook(): void {
    this.#life.hurryLook()
  }

  endStart(): void {
    this.#life.endStart()
  }

  async listRooms(): Promise<RoomWxid[]> {
    return roomsIn(await this.#life.online().client.roomList())
  }

  async listContacts(): Promise<ContactWxid[]> {
    return contactsIn(await this.#life.online().client.contactList())
  }

  async readRoom(wxid: RoomWxid, how: Reading = {}): Promise<Room | null> {
    const { client, account, forgetting } = this.#life.online()
    const onHeard = await this.#forget(roomThings(wxid), how)
    // Who is in it is no question of this reading; but read one by one, the puppet keeps them again.
    const readMembers = (ids: readonly ContactWxid[]) =>
      readContacts(client, account, ids, async some => {
        forgetting.noteKept(contactThings(some))
        return () => {}
      })
    return readRoom(client, account, wxid, { onHeard, readMembers })
  }

  readRooms(wxids: readonly RoomWxid[], fresh = new FreshContacts()): AsyncIterable<ReadOfMany> {
    return inParallel(wxids, ROOMS_AT_ONCE_MAX, wxid => this.#readRoomInTime(wxid, fresh))
  }

  refreshAccount(): Promise<BotAccount | null> {
    return this.#life.refreshAccount()
  }

  async readContact(wxid: ContactWxid, how: Reading = {}): Promise<Contact | null> {
    const { client, account } = this.#life.online()
    const onHeard = await this.#forget(contactThings([wxid]), how)
    return readContact(client, account, wxid).finally(onHeard)
  }

  async readContacts(wxids: readonly ContactWxid[], how: Reading = {}): Promise<Contact[]> {
    const { client, account } = this.#life.online()
    return readContacts(client, account, wxids, some => this.#forget(contactThings(some), how))
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
    return this.#life.online()
  }

  #mustBeOurs(): void {
    if (!this.#deps.mayAct()) throw new PuppetUnavailable(NOT_OURS_FOR_NOW)
  }

  /** Resolves when the puppet has forgotten them, with what is to be called once it has been heard of them again. */
  async #forget(
    things: readonly KeptThing[],
    { fresh = false, isKept = false }: Reading,
  ): Promise<() => void> {
    if (!fresh) return () => {}
    const { client, forgetting } = this.#life.online()
    return forgetting.ask(client, things, { isKept })
  }

  /** One room that hangs for ever, or has too much in it, must not keep a sync of a thousand others from ever ending. */
  async #readRoomInTime(wxid: RoomWxid, fresh: FreshContacts): Promise<ReadOfMany> {
    try {
      const { client, account } = this.#life.online()
      const onHeard = await this.#forget(roomThings(wxid), FOR_KEEPS)
      const readMembers = (ids: readonly ContactWxid[]) =>
        readContacts(client, account, ids, some =>
          fresh.have(some, others => this.#forget(contactThings(others), FOR_KEEPS)),
        )
      const room = await readRoom(client, account, wxid, { onHeard, readMembers })
      return { wxid, room, failure: null }
    } catch (failure) {
      if (failure instanceof PuppetTimeout || failure instanceof PuppetExcess)
        return { wxid, room: null, failure }
      throw failure
    }
  }
}

const FOR_KEEPS: Reading = { fresh: true, isKept: true }
const NOT_OURS_FOR_NOW = 'this node has lost touch with the others'
