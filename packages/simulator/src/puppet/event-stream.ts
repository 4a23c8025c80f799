import { type grpc, puppet } from '@juzi/wechaty-grpc'
import type { Cancel, Timers } from '../clock.ts'
import { exhausted, type PuppetError } from './puppet-error.ts'
import { heartbeat, type PuppetEvent } from './puppet-events.ts'

export const HEARTBEAT_MS = 15_000

/** A client that reads this much slower than the world turns is cut off instead of filling the memory. */
const STREAM_BACKLOG_MAX = 10_000

export type EventCall = grpc.ServerWritableStream<puppet.EventRequest, puppet.EventResponse>

export interface EventStreamOptions {
  call: EventCall
  timers: Timers
  nextSeq: () => number
  isFrozen: () => boolean
  /** Whether this is said at all; what is not is lost. */
  isSaid: (what: 'heartbeat' | 'event') => boolean
  onClosed: () => void
}

/**
 * The one event stream of a bot. It opens with a heartbeat, which is how clients know that they are connected,
 * and beats every HEARTBEAT_MS. While frozen it says nothing at all and keeps what it would have said;
 * more than STREAM_BACKLOG_MAX ends it. It closes once: by the client, by `fail`, or with the server.
 */
export class EventStream {
  readonly #options: EventStreamOptions
  readonly #stopHeartbeat: Cancel
  #frozen: PuppetEvent[] = []
  #open = true

  constructor(options: EventStreamOptions) {
    this.#options = options
    options.call.on('cancelled', () => this.#close())
    options.call.on('close', () => this.#close())
    this.#stopHeartbeat = options.timers.every(HEARTBEAT_MS, () => {
      if (options.isSaid('heartbeat')) this.greet(heartbeat())
    })
    this.greet(heartbeat())
  }

  send(event: PuppetEvent): void {
    if (this.#options.isSaid('event')) this.greet(event)
  }

  /** Says what every new stream says, whatever it is deaf to later. */
  greet(event: PuppetEvent): void {
    if (!this.#open) return
    const { call, isFrozen } = this.#options
    if (this.#frozen.length + call.writableLength >= STREAM_BACKLOG_MAX) this.fail(exhausted())
    else if (isFrozen()) this.#frozen.push(event)
    else this.#write(event)
  }

  /** Says everything that was kept while the stream was frozen. */
  thaw(): void {
    if (!this.#open || this.#options.isFrozen()) return
    const unsaid = this.#frozen
    this.#frozen = []
    for (const event of unsaid) this.#write(event)
  }

  /** Who is at its other end, `address:port`. */
  get peer(): string {
    return this.#options.call.getPeer()
  }

  /** Ends the stream with a gRPC status; the client sees it as an error. */
  fail(error: PuppetError): void {
    if (!this.#open) return
    this.#close()
    this.#options.call.emit('error', error)
  }

  #write({ type, payload }: PuppetEvent): void {
    const response = new puppet.EventResponse()
    response.setType(type)
    response.setPayload(JSON.stringify(payload))
    response.setSeq(this.#options.nextSeq())
    this.#options.call.write(response)
  }

  #close(): void {
    if (!this.#open) return
    this.#open = false
    this.#frozen = []
    this.#stopHeartbeat()
    this.#options.onClosed()
  }
}
