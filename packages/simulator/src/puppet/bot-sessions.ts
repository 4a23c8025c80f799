import type { Cancel, Timers } from '../clock.ts'
import type { Faults } from '../faults/faults.ts'
import { scanOf } from '../world/scans.ts'
import type { World } from '../world/world.ts'
import type { WorldEvent } from '../world/world-events.ts'
import type { Bot, BotState, Wxid } from '../world/world-state.ts'
import type { AccountStarts } from './account-starts.ts'
import { EventFaults } from './event-faults.ts'
import { type EventCall, EventStream } from './event-stream.ts'
import { occupied, type PuppetError, unavailable } from './puppet-error.ts'
import {
  login,
  logout,
  type PuppetEvent,
  puppetEventsFor,
  ready,
  scan,
  verification,
} from './puppet-events.ts'

interface Session {
  stream: EventStream
  faults: EventFaults
  /** Takes back a `ready` that is still to be said. */
  cancelReady: Cancel
}

export interface BotSessionsOptions {
  world: World
  faults: Faults
  timers: Timers
  starts: AccountStarts
  /** Resets the connection of this peer (`address:port`), so that only its other end sees it at once. */
  resetPeer: (peer: string) => void
}

/**
 * Who is listening: at most one event stream a bot. A stream opens, is told how the account stands,
 * hears what concerns it, and closes; its slot is free again the moment it is closed.
 * An event for a bot that nobody listens to is lost, as in the real thing.
 */
export class BotSessions {
  readonly #world: World
  readonly #faults: Faults
  readonly #timers: Timers
  readonly #starts: AccountStarts
  readonly #resetPeer: (peer: string) => void
  readonly #sessions = new Map<Wxid, Session>()
  /** Slots of streams whose other end was reset, which is not known here yet. */
  readonly #ghosts = new Map<Wxid, Cancel>()
  /** Kept beyond a session, because clients remember the last number they saw. */
  readonly #seqs = new Map<Wxid, number>()
  readonly #unlisten: () => void
  readonly #unwatch: () => void

  constructor({ world, faults, timers, starts, resetPeer }: BotSessionsOptions) {
    this.#world = world
    this.#faults = faults
    this.#timers = timers
    this.#starts = starts
    this.#resetPeer = resetPeer
    this.#unlisten = world.listen(event => this.#hear(event))
    this.#unwatch = faults.whenCleared(() => this.#recover())
  }

  /** Gives the bot's one slot to this stream, or says why not. */
  open(bot: Bot, call: EventCall): PuppetError | null {
    // Somebody who hung up before being served would otherwise hold the slot for ever.
    if (call.cancelled) return null
    if (this.#faults.strikeStream(bot.wxid, 'refuse')) return unavailable('simulated fault: stream refused')
    if (this.#sessions.has(bot.wxid) || this.#ghosts.has(bot.wxid)) return occupied()

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
    this.#sessions.set(bot.wxid, { stream, faults, cancelReady: () => {} })
    this.#greet(bot, event => stream.greet(event))
    return null
  }

  /** Tells one bot something that no fault spoils. */
  tell(botWxid: Wxid, event: PuppetEvent): void {
    this.#sessions.get(botWxid)?.stream.send(event)
  }

  /** The server dies: every stream ends and every slot is free. */
  closeAll(): void {
    this.#layGhosts()
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

    const wanted = event.type === 'verification' ? this.#world.verifications.get(event.wxid) : undefined
    if (wanted && event.type === 'verification') {
      const asked = verification(this.#world.bot(event.wxid), wanted, this.#world.clock.now())
      if (asked) this.tell(event.wxid, asked)
    }

    for (const [wxid, session] of [...this.#sessions]) {
      const bot = this.#world.bot(wxid)
      if (bot.state !== 'online') continue
      for (const told of puppetEventsFor(this.#world, bot, event)) this.#pass(wxid, session, told)
    }
  }

  #pass(bot: Wxid, { stream, faults }: Session, event: PuppetEvent): void {
    const ghostMs = this.#faults.strikeGhost(bot)
    if (ghostMs !== null) this.#reset(bot, stream, ghostMs)
    else if (this.#faults.strikeStream(bot, 'drop'))
      stream.fail(unavailable('simulated fault: stream dropped'))
    else faults.pass(event)
  }

  #changeState(bot: Bot, before: BotState): void {
    if (bot.state === 'offline') {
      this.#sessions.get(bot.wxid)?.stream.fail(unavailable('账号离线 (the account is offline)'))
      return
    }
    if (before === 'online') this.tell(bot.wxid, logout(bot))
    this.#greet(bot, event => this.tell(bot.wxid, event))
  }

  #greet(bot: Bot, say: (event: PuppetEvent) => void): void {
    switch (bot.state) {
      case 'online':
        say(login(bot))
        this.#sayReady(bot.wxid, say)
        break
      case 'awaiting-scan':
        say(scan(bot, scanOf(this.#world, bot), this.#world.clock.now()))
        break
      case 'logged-out':
      case 'offline':
        break
      default:
        bot.state satisfies never
    }
  }

  /** A puppet is ready when it has loaded everything: at once, unless a fault has it otherwise. */
  #sayReady(bot: Wxid, say: (event: PuppetEvent) => void): void {
    const session = this.#sessions.get(bot)
    if (!session) return
    const fault = this.#faults.readyFault(bot)
    if (fault?.mode === 'never') return
    const waitMs = Math.max(this.#starts.coldness(bot)?.leftMs ?? 0, fault?.mode === 'late' ? fault.forMs : 0)
    const sayIt = () => {
      say(ready())
      if (fault?.mode === 'twice') say(ready())
    }
    session.cancelReady()
    session.cancelReady = waitMs > 0 ? this.#timers.after(waitMs, sayIt) : () => {}
    if (waitMs === 0) sayIt()
  }

  /** The client sees its stream end; here the slot stays taken until the loss is noticed. */
  #reset(bot: Wxid, stream: EventStream, forMs: number): void {
    this.#ghosts.set(
      bot,
      this.#timers.after(forMs, () => this.#ghosts.delete(bot)),
    )
    this.#resetPeer(stream.peer)
  }

  #layGhosts(): void {
    for (const cancel of this.#ghosts.values()) cancel()
    this.#ghosts.clear()
  }

  #recover(): void {
    this.#layGhosts()
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
    this.#sessions.get(botWxid)?.cancelReady()
    this.#sessions.delete(botWxid)
  }
}
