/**
 * The verification that WeCom wants of a bot's account. It is asked for by an event of the puppet; another event says how
 * somebody gets on with it, or puts another code in its place. It ends when it is confirmed or the account logs in
 * (done), when it was cancelled, timed out or was not done within VERIFY_WITHIN_MS, when an operator logs the account out,
 * when a code to log in with is shown, or with the connection that told of it (over).
 */

import {
  isOver,
  VERIFY_WITHIN_MS,
  type Verification,
  type VerificationNews,
} from '../../model/verification.ts'
import type { Clock } from '../../system/clock.ts'

export type AskedVerification = Omit<Verification, 'givenAt'>

export interface VerificationsDeps {
  readonly clock: Clock
  readonly tell: (news: VerificationNews) => void
}

export class Verifications {
  readonly #deps: VerificationsDeps
  #current: Verification | null = null
  #callOff = () => {}

  constructor(deps: VerificationsDeps) {
    this.#deps = deps
  }

  /** One that has timed out is still shown as such. */
  get current(): Verification | null {
    return this.#current
  }

  /** That somebody can do now. */
  get pending(): Verification | null {
    return this.#current && !isOver(this.#current) ? this.#current : null
  }

  hear(asked: AskedVerification): void {
    const { pending } = this
    const isKnown =
      pending !== null &&
      pending.by === asked.by &&
      (asked.text === '' || asked.text === pending.text) &&
      (asked.id === '' || asked.id === pending.id)
    if (isKnown) this.#goOn(pending, asked)
    else if (asked.progress === 'waiting' || asked.progress === 'wrong-code') this.#ask(asked)
  }

  /** The account logged in, or out, or its connection is gone: nothing is wanted any more. */
  end(kind: 'done' | 'over'): void {
    const { pending } = this
    this.#callOff()
    this.#current = null
    if (pending) this.#deps.tell({ kind, verification: pending })
  }

  #ask(asked: AskedVerification): void {
    this.#callOff()
    const verification = { ...asked, givenAt: this.#deps.clock.now() }
    this.#current = verification
    this.#callOff = this.#deps.clock.after(VERIFY_WITHIN_MS, () => this.#leave('timed-out'))
    this.#deps.tell({ kind: 'asked', verification })
  }

  #goOn(pending: Verification, { progress, message }: AskedVerification): void {
    if (progress === 'confirmed') this.end('done')
    else if (progress === 'timed-out' || progress === 'cancelled') this.#leave(progress)
    else this.#current = { ...pending, progress, message: message || pending.message }
  }

  #leave(progress: 'timed-out' | 'cancelled'): void {
    const { pending } = this
    if (!pending) return
    this.#callOff()
    this.#current = { ...pending, progress }
    this.#deps.tell({ kind: 'over', verification: this.#current })
  }
}
