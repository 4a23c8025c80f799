import type { Cancel, Timers } from '../clock.ts'
import type { EventMode } from '../faults/fault-schema.ts'
import type { Faults } from '../faults/faults.ts'
import { nameOf, type World } from '../world/world.ts'
import type { PuppetEvent } from './puppet-events.ts'

/** A delayed event that nothing overtakes goes out after this long, or the world would seem to lose it. */
export const REORDER_WAIT_MS = 500

const ID_LIST_FIELDS = ['inviteeIdList', 'removeeIdList'] as const

/**
 * Stands between the world and one bot's stream and spoils events as the faults ask.
 * A reordered event waits here for the next one, follows it, and never waits longer than REORDER_WAIT_MS.
 */
export class EventFaults {
  readonly #botWxid: string
  readonly #world: World
  readonly #faults: Faults
  readonly #timers: Timers
  readonly #deliver: (event: PuppetEvent) => void
  #delayed: { event: PuppetEvent; cancel: Cancel } | null = null

  constructor(
    botWxid: string,
    world: World,
    faults: Faults,
    timers: Timers,
    deliver: (event: PuppetEvent) => void,
  ) {
    this.#botWxid = botWxid
    this.#world = world
    this.#faults = faults
    this.#timers = timers
    this.#deliver = deliver
  }

  pass(event: PuppetEvent): void {
    if (this.#delayed) {
      this.#deliver(event)
      this.release()
      return
    }

    const mode = this.#faults.strikeEvent(this.#botWxid)
    if (mode === 'reorder') this.#delay(event)
    else for (const spoilt of this.#spoil(event, mode)) this.#deliver(spoilt)
  }

  /** Lets the delayed event go. */
  release(): void {
    const delayed = this.#delayed
    this.#delayed = null
    delayed?.cancel()
    if (delayed) this.#deliver(delayed.event)
  }

  forget(): void {
    this.#delayed?.cancel()
    this.#delayed = null
  }

  #delay(event: PuppetEvent): void {
    this.#delayed = { event, cancel: this.#timers.after(REORDER_WAIT_MS, () => this.release()) }
  }

  #spoil(event: PuppetEvent, mode: Exclude<EventMode, 'reorder'> | null): PuppetEvent[] {
    switch (mode) {
      case null:
        return [event]
      case 'drop':
        return []
      case 'duplicate':
        return [event, event]
      case 'no-inviter':
        return ['inviterId' in event.payload ? withPayload(event, { inviterId: '' }) : event]
      case 'names-for-ids':
        return [withPayload(event, this.#namesForIds(event.payload))]
      default:
        return mode satisfies never
    }
  }

  #namesForIds(payload: PuppetEvent['payload']): PuppetEvent['payload'] {
    const named: PuppetEvent['payload'] = {}
    for (const field of ID_LIST_FIELDS) {
      const ids = payload[field]
      if (Array.isArray(ids)) named[field] = ids.map(id => this.#nameFor(id))
    }
    for (const field of ['inviterId', 'removerId', 'changerId']) {
      const id = payload[field]
      if (typeof id === 'string') named[field] = this.#nameFor(id)
    }
    return named
  }

  #nameFor(id: string): string {
    const person = this.#world.bots.get(id) ?? this.#world.contacts.get(id)
    return person ? nameOf(person) : id
  }
}

const withPayload = (event: PuppetEvent, changes: PuppetEvent['payload']): PuppetEvent => ({
  ...event,
  payload: { ...event.payload, ...changes },
})
