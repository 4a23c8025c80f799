import type { HeldCallback } from './held-room.ts'

/** Of one address, in memory; the rest waits in the store. */
export const BODY_BYTES_IN_MEMORY_MAX = 32 * 1024 * 1024

/** The bodies of what is held for one address. One that does not fit is read when it is sent. */
export class HeldBodies {
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  give(callback: HeldCallback, body: Uint8Array): void {
    if (callback.body !== null || this.#bytes + body.length > BODY_BYTES_IN_MEMORY_MAX) return
    callback.body = body
    this.#bytes += body.length
  }

  /** Of those that have none yet, as many of the first as fit. */
  thatFit(callbacks: readonly HeldCallback[]): HeldCallback[] {
    let bytes = this.#bytes
    return callbacks.filter(({ body, bodyBytes }) => {
      if (body !== null || bytes + bodyBytes > BODY_BYTES_IN_MEMORY_MAX) return false
      bytes += bodyBytes
      return true
    })
  }

  /** The callback is not held any more. */
  letGo({ body }: HeldCallback): void {
    if (body) this.#bytes -= body.length
  }
}
