import { Chance } from '../chance.ts'
import { type Clock, systemClock } from '../clock.ts'
import * as people from './add-people.ts'
import { addRoom, type NewRoom } from './add-room.ts'
import { joinRoom } from './enter-room.ts'
import { acceptInvitation, declineInvitation } from './invitations.ts'
import { leaveRoom } from './leave-room.ts'
import { ROOM_MEMBERS_MAX } from './platform-limits.ts'
import { UnknownId, WeComRefused } from './refused.ts'
import { say } from './say.ts'
import { type Scan, type ScanStep, showFreshCode, takeScanStep } from './scans.ts'
import { takeSnapshot, type WorldSnapshot } from './snapshot.ts'
import { type AccountVerification, askToVerify, verify } from './verifications.ts'
import type { WorldEvent, WorldListener } from './world-events.ts'
import type {
  Bot,
  BotState,
  Contact,
  Corp,
  Coworker,
  ExternalContact,
  Invitation,
  Member,
  Message,
  Room,
  Wxid,
} from './world-state.ts'

export interface WorldOptions {
  seed?: number
  clock?: Clock
}

const DEFAULT_SEED = 1

/**
 * A small WeCom. Build it, drive it, look at it; whatever the platform forbids throws `WeComRefused`,
 * whatever does not exist throws `UnknownId`, and after either nothing has changed.
 *
 * The maps are the living state: read them freely, but change the world only through its methods,
 * because bots hear of a change only from there.
 */
export class World {
  readonly chance: Chance
  readonly clock: Clock
  readonly corps = new Map<string, Corp>()
  readonly bots = new Map<Wxid, Bot>()
  /** Coworkers and customers; bots live in `bots`. */
  readonly contacts = new Map<Wxid, Contact>()
  readonly rooms = new Map<Wxid, Room>()
  readonly invitations = new Map<string, Invitation>()
  readonly messages: Message[] = []
  /** Who is a friend of which bot. */
  readonly friendships = new Map<Wxid, Set<Wxid>>()
  /** What a bot calls its contacts. */
  readonly remarks = new Map<Wxid, Map<Wxid, string>>()
  /** The newest QR code of each bot that ever awaited a scan. */
  readonly scans = new Map<Wxid, Scan>()
  /** The newest verification that was wanted of each bot. */
  readonly verifications = new Map<Wxid, AccountVerification>()
  /** Where the bots are served, `host:port`; empty while nobody serves them. */
  endpoint = ''

  readonly #listeners = new Set<WorldListener>()
  readonly #watchers = new Set<() => void>()

  constructor({ seed = DEFAULT_SEED, clock = systemClock }: WorldOptions = {}) {
    this.chance = new Chance(seed)
    this.clock = clock
  }

  // Building.

  addCorp = (corp: people.NewCorp): Corp => people.addCorp(this, corp)
  addBot = (bot: people.NewBot): Bot => people.addBot(this, bot)
  addCoworker = (coworker: people.NewCoworker = {}): Coworker => people.addCoworker(this, coworker)
  addContact = (contact: people.NewContact = {}): ExternalContact => people.addContact(this, contact)
  addRoom = (room: NewRoom): Room => addRoom(this, room)

  /** Fills a room with strangers until it has `count` members; returns those who came. */
  fillRoom(roomWxid: Wxid, count: number): ExternalContact[] {
    const room = this.room(roomWxid)
    if (count > ROOM_MEMBERS_MAX) throw new WeComRefused('room-full')
    const strangers = Array.from({ length: Math.max(0, count - room.members.size) }, () => this.addContact())
    for (const stranger of strangers) this.join(roomWxid, stranger.wxid)
    return strangers
  }

  // Driving.

  join = (roomWxid: Wxid, wxid: Wxid, by?: Wxid): void => joinRoom(this, roomWxid, wxid, by)
  leave = (roomWxid: Wxid, wxid: Wxid, by?: Wxid): void => leaveRoom(this, roomWxid, wxid, by)
  acceptInvitation = (id: string): void => acceptInvitation(this, id)
  declineInvitation = (id: string): void => declineInvitation(this, id)

  setBotState(wxid: Wxid, state: BotState): void {
    const bot = this.bot(wxid)
    const before = bot.state
    if (before === state) return
    bot.state = state
    if (state === 'awaiting-scan') showFreshCode(this, bot)
    this.tell({ type: 'bot-state', wxid, state, before })
  }

  /** Somebody scans the QR code of a bot, confirms or cancels it, or it expires. */
  takeScanStep = (wxid: Wxid, step: ScanStep, qrcode?: string): void => takeScanStep(this, wxid, step, qrcode)

  /** WeCom wants the account verified, whatever its state; and somebody goes on with that. */
  askToVerify = (wxid: Wxid, by: AccountVerification['by'] = 'scan'): AccountVerification =>
    askToVerify(this, wxid, by)
  verify = (wxid: Wxid, step: Parameters<typeof verify>[2]): void => verify(this, wxid, step)

  renameContact(wxid: Wxid, name: string): void {
    const person = this.person(wxid)
    if ('token' in person) person.nickName = name
    else person.name = name
    this.tell({ type: 'contact-changed', wxid })
  }

  /** The name a bot gives to a contact; without a bot, every bot gives it. An empty remark takes it back. */
  setRemark(wxid: Wxid, remark: string, botWxid?: Wxid): void {
    this.person(wxid)
    const bots = botWxid === undefined ? [...this.bots.keys()] : [this.bot(botWxid).wxid]
    for (const bot of bots) this.remarks.get(bot)?.set(wxid, remark)
    this.tell({ type: 'contact-changed', wxid })
  }

  setFriendship(botWxid: Wxid, contactWxid: Wxid, friend: boolean): void {
    const bot = this.bot(botWxid)
    this.person(contactWxid)
    const friends = this.friendships.get(bot.wxid)
    if (friend) friends?.add(contactWxid)
    else friends?.delete(contactWxid)
    this.tell({ type: 'friendship', botWxid, contactWxid })
  }

  setTopic(roomWxid: Wxid, topic: string, by?: Wxid): void {
    const room = this.room(roomWxid)
    const changerId = this.memberOf(room, by ?? room.ownerId).wxid
    const oldTopic = room.topic
    room.topic = topic
    this.tell({ type: 'room-topic', roomWxid, changerId, oldTopic, newTopic: topic, at: this.clock.now() })
  }

  setOwner(roomWxid: Wxid, wxid: Wxid): void {
    const room = this.room(roomWxid)
    room.ownerId = this.memberOf(room, wxid).wxid
    this.tell({ type: 'room-owner', roomWxid })
  }

  setAlias(roomWxid: Wxid, wxid: Wxid, alias: string): void {
    this.memberOf(this.room(roomWxid), wxid).alias = alias
    this.tell({ type: 'member-alias', roomWxid, wxid })
  }

  setAnnouncement(roomWxid: Wxid, text: string): void {
    this.room(roomWxid).announcement = text
    this.changed()
  }

  /** Somebody speaks in a room, or to one person. */
  say = (from: Wxid, conversationId: Wxid, text: string): Message => say(this, from, conversationId, text)

  // Looking.

  /** The world as `GET /world` shows it: a copy that stays as it is. */
  snapshot = (): WorldSnapshot => takeSnapshot(this)

  corp = (id: string): Corp => this.corps.get(id) ?? unknown('corp', id)
  bot = (wxid: Wxid): Bot => this.bots.get(wxid) ?? unknown('bot', wxid)
  room = (wxid: Wxid): Room => this.rooms.get(wxid) ?? unknown('room', wxid)
  invitation = (id: string): Invitation => this.invitations.get(id) ?? unknown('invitation', id)
  person = (wxid: Wxid): Bot | Contact =>
    this.bots.get(wxid) ?? this.contacts.get(wxid) ?? unknown('contact', wxid)
  knows = (wxid: Wxid): boolean => this.bots.has(wxid) || this.contacts.has(wxid)
  botOfToken = (token: string): Bot | undefined => this.bots.values().find(bot => bot.token === token)
  nameOf = (wxid: Wxid): string => nameOf(this.person(wxid))

  memberOf(room: Room, wxid: Wxid): Member {
    this.person(wxid)
    const member = room.members.get(wxid)
    if (!member) throw new WeComRefused('not-in-room', wxid)
    return member
  }

  /** A bot sees only the rooms it is in; any other room does not exist for it. */
  roomSeenBy(bot: Bot, roomWxid: Wxid): Room {
    const room = this.rooms.get(roomWxid)
    return room?.members.has(bot.wxid) ? room : unknown('room', roomWxid)
  }

  roomsOf = (wxid: Wxid): Room[] => [...this.rooms.values().filter(room => room.members.has(wxid))]
  areFriends = (botWxid: Wxid, wxid: Wxid): boolean => this.friendships.get(botWxid)?.has(wxid) ?? false

  /** Two different people on the payroll of one corp. */
  areCoworkers(one: Wxid, other: Wxid): boolean {
    const corpId = this.#corpIdOf(one)
    return one !== other && corpId !== null && corpId === this.#corpIdOf(other)
  }

  canInvite = (bot: Bot, wxid: Wxid): boolean =>
    this.areFriends(bot.wxid, wxid) || this.areCoworkers(bot.wxid, wxid)

  // Listening.

  /** Hears everything that bots may have to be told. Returns how to stop listening. */
  listen(listener: WorldListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Called after every change, told or untold; the state file lives on it. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** For the verbs of this folder: something happened that bots may have to be told. */
  tell(event: WorldEvent): void {
    for (const listener of this.#listeners) listener(event)
    this.changed()
  }

  /** For the verbs of this folder: something changed that no bot hears of. */
  changed(): void {
    for (const watcher of this.#watchers) watcher()
  }

  #corpIdOf(wxid: Wxid): string | null {
    const person = this.person(wxid)
    return 'corpId' in person ? person.corpId : null
  }
}

export const nameOf = (person: Bot | Contact): string => ('token' in person ? person.nickName : person.name)

function unknown(...[thing, id]: ConstructorParameters<typeof UnknownId>): never {
  throw new UnknownId(thing, id)
}
