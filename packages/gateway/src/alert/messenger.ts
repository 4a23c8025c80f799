/**
 * Brings alerts to the operator's robot. It gathers for GATHER_MS, so that a hundred bots of one dead server make few
 * messages and no robot is asked more often than it allows (20 a minute), then posts what has gathered. A message that
 * is not taken is tried again after each of RETRY_WAITS_MS and then given up. While a robot takes nothing, what comes
 * waits, ALERTS_WAITING_MAX at most; what finds no room is counted in the next message. Nobody ever waits for it, and a
 * stop leaves what is not sent yet: the log has it all.
 */
import type { Alert } from '@qunhub/wire'
import { type Clock, MINUTE_MS, SECOND_MS, sleep } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import type { AlertMeter } from './alert-meter.ts'
import { writeText } from './alert-text.ts'
import type { RobotClient } from './robot-client.ts'

export const GATHER_MS = 4 * SECOND_MS
export const RETRY_WAITS_MS = [10 * SECOND_MS, 30 * SECOND_MS, 2 * MINUTE_MS] as const
export const ALERTS_WAITING_MAX = 200

export interface MessengerDeps {
  /** The messenger's own: it ends with it. */
  readonly client: RobotClient
  readonly clock: Clock
  readonly log: Log
  readonly meter: AlertMeter
  /** In which the times of alerts are told. */
  readonly timeZone: string
}

export class Messenger {
  readonly #deps: MessengerDeps
  readonly #stopped = new AbortController()
  #waiting: Alert[] = []
  #dropped = 0
  #working: Promise<void> | null = null

  constructor(deps: MessengerDeps) {
    this.#deps = deps
  }

  /** Returns at once; never throws. */
  tell(alert: Alert): void {
    if (this.#stopped.signal.aborted) return
    if (this.#waiting.length < ALERTS_WAITING_MAX) this.#waiting.push(alert)
    else {
      this.#dropped += 1
      this.#deps.meter.alertMessage('dropped')
    }
    this.#work()
  }

  /** Cuts off what is under way. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#deps.client.destroy()
    await this.#working
  }

  #work(): void {
    if (this.#stopped.signal.aborted) return
    this.#working ??= this.#sendAll().finally(() => {
      this.#working = null
      if (this.#waiting.length > 0) this.#work()
    })
  }

  async #sendAll(): Promise<void> {
    const { signal } = this.#stopped
    while (this.#waiting.length > 0) {
      await sleep(this.#deps.clock, GATHER_MS, signal)
      if (signal.aborted) return
      const { text, taken } = writeText(this.#waiting, this.#dropped, this.#deps.timeZone)
      this.#dropped = 0
      await this.#send(text, this.#waiting.splice(0, taken))
    }
  }

  async #send(text: string, alerts: readonly Alert[]): Promise<void> {
    const { client, clock, log, meter } = this.#deps
    const { signal } = this.#stopped
    for (let attempt = 1; ; attempt += 1) {
      const reason = await this.#post(text, alerts)
      if (signal.aborted) return
      const facts = { robot: client.kind, alerts: alerts.length, attempt }
      if (reason === null) {
        meter.alertMessage('sent')
        log.info(facts, 'an alert was sent')
        return
      }
      const waitMs = RETRY_WAITS_MS[attempt - 1]
      if (waitMs === undefined) {
        meter.alertMessage('failed')
        log.error({ ...facts, reason }, 'an alert was given up: the alert address does not take it')
        return
      }
      log.warn({ ...facts, reason, waitMs }, 'an alert was not taken; it will be tried again')
      await sleep(clock, waitMs, signal)
      if (signal.aborted) return
    }
  }

  /** Null when it was taken, else why not, without the address: that holds a key. */
  async #post(text: string, alerts: readonly Alert[]): Promise<string | null> {
    const answered = await this.#deps.client.post({ text, alerts: [...alerts] })
    if (answered.outcome === 'taken') return null
    return 'reason' in answered ? answered.reason : answered.outcome
  }
}
