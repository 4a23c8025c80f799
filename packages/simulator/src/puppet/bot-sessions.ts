import type { Timers } from '../clock.ts'
import type { Faults } from '../faults/faults.ts'
import { scanOf } from '../world/scans.ts'
import type { World } from '../world/world.ts'
import type { WorldEvent } from '../world/world-events.ts'
import type { Bot, BotState, Wxid } from '../world/world-state.ts'
import { EventFaults } from './event-faults.ts'
import { type EventCall, EventStream } from './event-stream.ts'
import { occupied, type PuppetError, unavailable } from './puppet-error.ts'
import { login, logout, type PuppetEvent, puppetEventFor, ready, scan } from './puppet-events.ts'

interface Session {
  stream: EventStream
  faults: EventFaults
}

/**
 * Who is listening: at most one event stream a bot. A stream opens, is told how the account stands,
 * hears what concerns it, and closes; its place is free again the moment it is closed.
 * An event for a bot that nobody listens to is lost, as in the real thing.
 */
export class BotSessions {
  readonly #world: World
  readonly #faults: Faults
  readonly #timers: Timers
  readonly #sessions = new Map<Wxid, Session>()
  /** Kept beyond a session, because clients remember the last number they saw. */
  readonly #seqs = new Map<Wxid, number>()
  readonly #unlisten: () => void
  readonly #unwatch: () => void

  constructor(world: World, faults: Faults, timers: Timers) {
    this.#world = world
    this.#faults = faults
    this.#timers = timers
    this.#unlisten = world.listen(event => this.#hear(event))
    this.#unwatch = faults.whenCleared(() => this.#thaw())
  }

  /** Gives the bot's one place to this stream, or says why not. */
  open(bot: Bot, call: EventCall): PuppetError | null {
    // Somebody who hung up before being served would otherwise hold the place for ever.
    if (call.cancelled) return null
    if (this.#faults.strikeStream(bot.wxid, 'refuse')) return unavailable('simulated fault: stream refused')
    if (this.#sessions.has(bot.wxid)) return occupied()

    const stream = new EventStream({
      call,
      timers: this.#timers,
      nextSeq: () => this.#nextSeq(bot.wxid),
      isFrozen: () => this.#faults.isFrozen(bot.wxid),
      isSaid: what => this.#faults.isSaid(bot.wxid, what),
      onClosed: () => this.#forget(bot.wxid),
    })
    const faults = new EventFaults(bot.wxid, this.#world, this.#faults, this.#timers, event =>
      stream.send(event),
    )
    this.#sessions.set(bot.wxid, { stream, faults })
    for (const event of this.#greeting(bot, bot.state)) stream.greet(event)
    return null
  }

  /** Tells one bot something that no fault spoils. */
  tell(botWxid: Wxid, event: PuppetEvent): void {
    this.#sessions.get(botWxid)?.stream.send(event)
  }

  /** The server dies: every stream ends and every place is free. */
  closeAll(): void {
    for (const { stream } of [...this.#sessions.values()]) stream.fail(unavailable('server is shutting down'))
  }

  dispose(): void {
    this.closeAll()
    this.#unlisten()
    this.#unwatch()
  }

  #hear(event: WorldEvent): void {
    if (event.type === 'bot-state') this.#changeState(this.#world.bot(event.wxid), event.before)
    if (event.type === 'scan') {
      const bot = this.#world.bot(event.wxid)
      this.tell(bot.wxid, scan(bot, scanOf(this.#world, bot), this.#world.clock.now()))
    }

    for (const [wxid, session] of [...this.#sessions]) {
      const bot = this.#world.bot(wxid)
      if (bot.state !== 'online') continue
      const told = puppetEventFor(this.#world, bot, event)
      if (!told) continue
      if (this.#faults.strikeStream(wxid, 'drop'))
        session.stream.fail(unavailable('simulated fault: stream dropped'))
      else session.faults.pass(told)
    }
  }

  #changeState(bot: Bot, before: BotState): void {
    if (bot.state === 'offline') {
      this.#sessions.get(bot.wxid)?.stream.fail(unavailable('账号离线 (the account is offline)'))
      return
    }
    if (before === 'online') this.tell(bot.wxid, logout(bot))
    for (const event of this.#greeting(bot, bot.state)) this.tell(bot.wxid, event)
  }

  #greeting(bot: Bot, state: BotState): PuppetEvent[] {
    switch (state) {
      case 'online':
        return [login(bot), ready()]
      case 'awaiting-scan':
        return [scan(bot, scanOf(this.#world, bot), this.#world.clock.now())]
      case 'logged-out':
      case 'offline':
        return []
      default:
        return state satisfies never
    }
  }

  #thaw(): void {
    for (const { stream, faults } of [...this.#sessions.values()]) {
      // What the freeze held is older than what waits to be overtaken.
      stream.thaw()
      faults.release()
    }
  }

  #nextSeq(botWxid: Wxid): number {
    const seq = (this.#seqs.get(botWxid) ?? 0) + 1
    this.#seqs.set(botWxid, seq)
    return seq
  }

  #forget(botWxid: Wxid): void {
    this.#sessions.get(botWxid)?.faults.forget()
    this.#sessions.delete(botWxid)
  }
}
