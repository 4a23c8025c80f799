/**
 * One trial of what is told of a puppet that does not know yet. A seed decides how things stand: when the puppet is cold (at a
 * start, at its own restart, at one of the gateway, at a hand-over), what its lists leave out and how its rooms answer meanwhile,
 * for how long, and what happens in the world. What is true is known from the world: nothing may be told that is not so,
 * nothing may be missing in the end, and every list must equal the world within 90 s of the puppet knowing.
 *
 * The clock is moved, one second at a time, whenever the puppet is asked nothing and the customer hears nothing.
 */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Bot, FaultInput, Room, Timers } from '@qunhub/simulator'
import { listByMHTag } from '@qunhub/wire'
import { type Gateway, openGateway } from '../../../gateway/src/gateway.ts'
import type { Log } from '../../../gateway/src/system/log.ts'
import { type House, openHouse } from '../grounds/open-house.ts'
import { ManualClock } from '../manual-clock.ts'

const SECOND_MS = 1000
const KNOWS_TO_RIGHT_MAX_MS = 90 * SECOND_MS
/** Nothing was asked or heard for so long, in real time: whatever is still to come waits for the clock. */
const QUIET_MS = 40
const LONG_AGO_MS = 24 * 3600 * SECOND_MS

export const OCCASIONS = ['start', 'puppet-restart', 'gateway-restart', 'hand-over', 'return'] as const
const READY = ['at-once', 'late', 'twice', 'never'] as const
const LISTS = ['empty', 'short', 'whole'] as const
const ROOMS = ['refuse', 'empty-at-first', 'hang', 'whole'] as const
const CONTACTS = ['empty', 'whole'] as const

export interface TruthTrial {
  readonly seed: number
  readonly plan: string
  /** What was told or listed and is not so, and what is missing. */
  readonly faults: readonly string[]
}

export interface TruthTrialOptions {
  readonly seed: number
  readonly occasion?: (typeof OCCASIONS)[number]
  readonly store?: 'sqlite' | 'postgres'
  readonly log?: Log
}

export async function runTruthTrial({
  seed,
  occasion,
  store = 'sqlite',
  log,
}: TruthTrialOptions): Promise<TruthTrial> {
  const chance = seeded(seed)
  const list = pick(chance, LISTS)
  const rooms = pick(chance, ROOMS)
  // Who lists some rooms for a minute, and cannot load the others all the while, is believed (BOT-252).
  const isBelievedInTime = list === 'short' && (rooms === 'refuse' || rooms === 'empty-at-first')
  const plan = {
    occasion: occasion ?? pick(chance, OCCASIONS),
    ...{ list, rooms },
    contacts: pick(chance, CONTACTS),
    coldForMs: pick(chance, isBelievedInTime ? [2, 5, 12, 31, 45] : [2, 5, 12, 31, 70, 150]) * SECOND_MS,
    ready: pick(chance, READY),
    isHeard: chance() < 0.5,
  }
  const clock = new ManualClock(Date.now())
  const house = await openHouse({
    ...{ clock, store, ...(log && { log }) },
    // Of every node, each of which has a data directory of its own.
    env: { QUNHUB_SECRET_KEY: '5'.repeat(64) },
    simulator: { clock, timers: timersOf(clock), keepsPayloads: true },
  })
  const stage = new Stage(house, clock, chance, log)
  try {
    await stage.prepare()
    if (plan.occasion !== 'start') await stage.start()
    const cold = coldness(plan)
    await stage.lapse(plan.occasion, cold)
    await stage.passTime(plan.coldForMs / 2)
    if (plan.isHeard) stage.happenHeard()
    await stage.passTime(plan.coldForMs / 2)
    house.simulator.faults.clear()
    const rightAfterMs = await stage.untilRight(KNOWS_TO_RIGHT_MAX_MS)
    const inTime =
      rightAfterMs === null ? [`not right within 90 s: ${(await stage.differences()).join('; ')}`] : []
    // Whatever else would be told is told by then, and a sync that somebody asks for finds nothing more.
    await stage.passTime(KNOWS_TO_RIGHT_MAX_MS)
    return { seed, plan: JSON.stringify(plan), faults: [...inTime, ...(await stage.judge(plan.occasion))] }
  } finally {
    await stage.close()
  }
}

interface Coldness {
  readonly list: (typeof LISTS)[number]
  readonly rooms: (typeof ROOMS)[number]
  readonly contacts: (typeof CONTACTS)[number]
  readonly ready: (typeof READY)[number]
  readonly coldForMs: number
}

function coldness({ list, rooms, contacts, ready, coldForMs }: Coldness): FaultInput[] {
  const cold: FaultInput[] = []
  if (ready === 'late') cold.push({ on: 'ready', mode: ready, forMs: coldForMs })
  else if (ready !== 'at-once') cold.push({ on: 'ready', mode: ready })
  if (list === 'empty') cold.push({ on: 'roomList', mode: 'empty-at-first' })
  if (list === 'short') cold.push({ on: 'roomList', mode: 'short' })
  if (rooms !== 'whole') cold.push({ on: 'roomPayload', mode: rooms }, { on: 'roomMemberList', mode: rooms })
  if (contacts === 'empty') cold.push({ on: 'contactList', mode: 'empty-at-first' })
  return cold
}

/** What became of a room, as the world knows it. */
interface Fate {
  readonly room: Room
  /** Unseen by anybody, or told by an event while the puppet was cold. */
  readonly how: 'stays' | 'changed' | 'changed-heard' | 'left' | 'entered' | 'entered-heard'
}

class Stage {
  readonly #house: House
  readonly #clock: ManualClock
  readonly #chance: () => number
  readonly #log: Log | undefined
  readonly #bot: Bot
  readonly #colleague: string
  readonly #fates: Fate[] = []
  #gateways: Gateway[]
  #heardBefore = 0

  constructor(house: House, clock: ManualClock, chance: () => number, log: Log | undefined) {
    this.#house = house
    this.#clock = clock
    this.#chance = chance
    this.#log = log
    this.#bot = house.world.addBot({ userId: 'xiaobei', nickName: '小北' })
    this.#colleague = house.world.addCoworker().wxid
    this.#gateways = [house.gateway]
  }

  async prepare(): Promise<void> {
    const { house } = { house: this.#house }
    await house.operate('set-workspace', {
      workspace: house.workspaceId,
      roomJoined: true,
      roomLeft: true,
      roomTopic: true,
    })
    const count = 1 + Math.floor(this.#chance() * 6)
    for (let n = 0; n < count; n++) this.#makeRoom(`旧群${n}`)
    // Whoever was in a room before was so for a while.
    for (const { room } of this.#fates)
      for (const [wxid, member] of room.members)
        room.members.set(wxid, { ...member, joinedAt: member.joinedAt - LONG_AGO_MS })
  }

  /** An ordinary start, told in full. */
  async start(): Promise<void> {
    await this.#add()
    await this.untilRight(KNOWS_TO_RIGHT_MAX_MS)
    // A start is fresh for some minutes; what is to be judged happens long after it.
    await this.passTime(240 * SECOND_MS)
    this.#heardBefore = this.#house.customer.heard.length
  }

  /** The puppet turns cold, and nobody hears what happens meanwhile. */
  async lapse(occasion: (typeof OCCASIONS)[number], cold: readonly FaultInput[]): Promise<void> {
    const { simulator, world } = this.#house
    const turnCold = () => {
      for (const fault of cold) simulator.faults.add(fault)
    }
    switch (occasion) {
      case 'start':
        turnCold()
        return this.#add()
      case 'puppet-restart':
        simulator.killServer()
        this.#happenUnheard()
        turnCold()
        return simulator.restartServer({ downMs: 0 })
      case 'gateway-restart':
        await this.#stopGateways()
        this.#happenUnheard()
        turnCold()
        this.#gateways = [await this.#openGateway()]
        return
      case 'hand-over': {
        // On SQLite there is one node, and a hand-over is a restart.
        const { config } = this.#house
        const ofItsOwn = { ...config, dataDir: join(config.dataDir, 'next') }
        const next = config.databaseUrl ? await this.#openGateway(ofItsOwn) : null
        await this.#stopGateways()
        this.#happenUnheard()
        turnCold()
        this.#gateways = [next ?? (await this.#openGateway())]
        return
      }
      case 'return':
        world.setBotState(this.#bot.wxid, 'logged-out')
        await this.passTime(20 * SECOND_MS)
        this.#happenUnheard()
        turnCold()
        world.setBotState(this.#bot.wxid, 'online')
        return
      default:
        occasion satisfies never
    }
  }

  #happenUnheard(): void {
    const { world, simulator } = this.#house
    simulator.faults.add({ on: 'events', mode: 'drop' })
    this.#fates.forEach(({ room }, n) => {
      const die = this.#chance()
      if (die < 0.25) {
        world.leave(room.wxid, this.#bot.wxid)
        this.#fates[n] = { room, how: 'left' }
      } else if (die < 0.5) {
        world.setTopic(room.wxid, `改名${n}`)
        this.#fates[n] = { room, how: 'changed' }
      } else if (die < 0.65) {
        world.join(room.wxid, world.addContact().wxid, this.#colleague)
        this.#fates[n] = { room, how: 'changed' }
      }
    })
    if (this.#chance() < 0.5) this.#fates.push({ room: this.#makeRoom('新群', false), how: 'entered' })
    simulator.faults.clear()
    // Puppets say in whole seconds since when somebody is in a room: what happens in the second of a start is in none before it.
    this.#clock.advance(SECOND_MS)
  }

  /** Something that the bot is told of, cold as its puppet is. */
  happenHeard(): void {
    const { world } = this.#house
    const at = this.#fates.findIndex(({ how }) => how === 'stays')
    const stays = this.#fates[at]
    if (stays && this.#chance() < 0.5) {
      world.setTopic(stays.room.wxid, '冷时改名')
      this.#fates[at] = { ...stays, how: 'changed-heard' }
    } else this.#fates.push({ room: this.#makeRoom('冷时进的群', false), how: 'entered-heard' })
  }

  /** How long it took, in the moved time; null when it took longer. */
  async untilRight(withinMs: number): Promise<number | null> {
    const since = this.#clock.now()
    for (;;) {
      await this.#quiet()
      if ((await this.differences()).length === 0) return this.#clock.now() - since
      if (this.#clock.now() - since >= withinMs) return null
      this.#clock.advance(SECOND_MS)
    }
  }

  async passTime(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += SECOND_MS) {
      await this.#quiet()
      this.#clock.advance(SECOND_MS)
    }
    await this.#quiet()
  }

  /** In what the lists differ from the world. */
  async differences(): Promise<string[]> {
    const { token, world } = this.#house
    const [gateway] = this.#gateways as [Gateway]
    const answer = await fetch(`${gateway.baseUrl}/room/listByMHTag?token=${token}&pageSize=100`)
    const { data } = listByMHTag.reply.parse(await answer.json())
    const listed = new Map(data.map(row => [row.wxid as string, row]))
    const inside = world.roomsOf(this.#bot.wxid)
    const isInside = new Set(inside.map(room => room.wxid))
    return [
      ...[...listed.keys()].filter(wxid => !isInside.has(wxid)).map(wxid => `${wxid} is listed`),
      ...inside.flatMap(room => {
        const row = listed.get(room.wxid)
        if (!row) return [`${room.topic} is not listed`]
        const people = row.members.map(member => member.wxid).toSorted()
        if (people.join() !== [...room.members.keys()].toSorted().join())
          return [`${room.topic} has other members`]
        return row.topic === room.topic && row.ownerId === room.ownerId
          ? []
          : [`${room.topic} is listed as ${row.topic}`]
      }),
    ]
  }

  /** What was told and is not so, and what was not told. */
  async judge(occasion: (typeof OCCASIONS)[number]): Promise<string[]> {
    const isStart = occasion === 'start' || occasion === 'gateway-restart' || this.#startsAtHandOver(occasion)
    return this.#fates.flatMap(fate => {
      const told = this.#toldOf(fate.room)
      const wrong = verdict(fate, told, isStart, occasion)
      return wrong ? [`${fate.room.topic} ${wrong}; told: ${told.join(', ') || 'nothing'}`] : []
    })
  }

  async close(): Promise<void> {
    await this.#stopGateways()
    await this.#house.close()
  }

  #startsAtHandOver(occasion: string): boolean {
    return occasion === 'hand-over' && !this.#house.config.databaseUrl
  }

  #toldOf(room: Room): string[] {
    return this.#house.customer.heard.slice(this.#heardBefore).flatMap(({ path, json }) => {
      const body = json as { wxid?: string; imRoomId?: string; leftMembers?: { isSelf: boolean }[] }
      if ((body.wxid ?? body.imRoomId) !== room.wxid) return []
      const isOthers = path === '/room/left' && !body.leftMembers?.some(({ isSelf }) => isSelf)
      return [isOthers ? '/room/left of others' : path]
    })
  }

  #makeRoom(topic: string, isOld = true): Room {
    const { world } = this.#house
    const guest = world.addContact({ friendOf: [this.#bot.wxid] }).wxid
    const room = world.addRoom({
      topic,
      ownerId: this.#colleague,
      members: [this.#bot.wxid, guest],
      external: true,
    })
    if (isOld) this.#fates.push({ room, how: 'stays' })
    return room
  }

  async #add(): Promise<void> {
    const { operate, workspaceId, simulator } = this.#house
    await operate('add-bot', {
      workspace: workspaceId,
      endpoint: simulator.endpoint,
      token: this.#bot.token,
      userId: this.#bot.userId as never,
    })
  }

  #openGateway(config = this.#house.config): Promise<Gateway> {
    return openGateway(config, { clock: this.#clock, ...(this.#log && { log: this.#log }) })
  }

  async #stopGateways(): Promise<void> {
    let isStopping = true
    const stopped = Promise.all(this.#gateways.map(gateway => gateway.stop())).finally(() => {
      isStopping = false
    })
    while (isStopping) {
      await pause(QUIET_MS)
      this.#clock.advance(SECOND_MS)
    }
    await stopped
  }

  async #quiet(): Promise<void> {
    const { simulator, customer } = this.#house
    const count = () => {
      const asked = Object.values(simulator.asked.of(this.#bot.wxid)).reduce((sum, times) => sum + times, 0)
      return asked + customer.heard.length
    }
    for (let before = -1, now = count(); before !== now; before = now, now = count()) await pause(QUIET_MS)
  }
}

function verdict(
  { how }: Fate,
  told: readonly string[],
  isStart: boolean,
  occasion: (typeof OCCASIONS)[number],
): string | null {
  const times = (path: string) => told.filter(each => each === path).length
  if (times('/room/left of others') > 0) return 'others are said to have left'
  if (how !== 'left' && times('/room/left') > 0) return 'was never left'
  if (!how.startsWith('entered') && times('/chatroom/joined') > 0) return 'was not entered'
  switch (how) {
    case 'left':
      return times('/room/left') === 1 || isStart ? null : 'was left'
    case 'stays':
      return times('/chatroom/loaded') === (isStart ? 1 : 0) ? null : 'stayed as it was'
    case 'changed':
      return times('/chatroom/loaded') === 1 ? null : 'changed'
    case 'changed-heard':
      // An event that nobody could follow then is unseen.
      return times('/chatroom/loaded') <= 1 && (times('/chatroom/loaded') === 1 || !isStart)
        ? null
        : 'changed'
    case 'entered': {
      const isLoaded = isStart || occasion === 'return'
      return times(isLoaded ? '/chatroom/loaded' : '/chatroom/joined') === 1 && told.length >= 1
        ? null
        : 'was entered unseen'
    }
    case 'entered-heard':
      return times('/chatroom/joined') + times('/chatroom/loaded') === 1 ? null : 'was entered'
    default:
      return how satisfies never
  }
}

const timersOf = (clock: ManualClock): Timers => ({
  after: (ms, run) => clock.after(ms, run),
  every(ms, run) {
    let callOff = () => {}
    const again = () => {
      callOff = clock.after(ms, () => {
        run()
        again()
      })
    }
    again()
    return () => callOff()
  },
})

const pick = <T>(chance: () => number, from: readonly T[]): T => from[Math.floor(chance() * from.length)]!

/** Mulberry32: small, and the same everywhere. */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
