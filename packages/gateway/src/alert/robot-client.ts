import type { AlertMessage } from '@qunhub/wire'
import { Agent, type buildConnector, request } from 'undici'
import { AddressRefused } from '../model/address-guard.ts'
import type { RobotAnswer } from '../model/robot-answer.ts'
import { type Clock, SECOND_MS } from '../system/clock.ts'
import { type Robot, readableAnswer, robotPost, whyRefused } from './robot.ts'

/** For connecting, sending and the whole answer together. */
export const ALERT_DEADLINE_MS = 5 * SECOND_MS
const ANSWER_BYTES_MAX = 64 * 1024

export interface RobotClientDeps {
  readonly robot: Robot
  readonly clock: Clock
  /** Connects to allowed addresses only. */
  readonly connect: buildConnector.connector
}

/** Posts messages to the operator's robot, each once, and says what came of it. */
export class RobotClient {
  readonly #deps: RobotClientDeps
  readonly #agent: Agent

  constructor(deps: RobotClientDeps) {
    this.#deps = deps
    this.#agent = new Agent({ connect: deps.connect, maxResponseSize: ANSWER_BYTES_MAX, allowH2: false })
  }

  get kind(): Robot['kind'] {
    return this.#deps.robot.kind
  }

  /** Never rejects. */
  async post(message: AlertMessage): Promise<RobotAnswer> {
    const { clock, robot } = this.#deps
    const deadline = new AbortController()
    const callOff = clock.after(ALERT_DEADLINE_MS, () => deadline.abort())
    try {
      const { url, body } = robotPost(robot, message, clock.now())
      const response = await request(url, {
        dispatcher: this.#agent,
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'Qunhub' },
        body: JSON.stringify(body),
        signal: deadline.signal,
      })
      const text = await response.body.text()
      const reason = whyRefused(robot, response.statusCode, text)
      const answer = readableAnswer(robot, text)
      return reason === null ? { outcome: 'taken', answer } : { outcome: 'refused', reason, answer }
    } catch (failure) {
      if (deadline.signal.aborted) return { outcome: 'timeout' }
      if (failure instanceof AddressRefused) return { outcome: 'address-refused' }
      const { name, code } = failure as { name: string; code?: unknown }
      return { outcome: 'unreachable', reason: typeof code === 'string' ? code : name }
    } finally {
      callOff()
    }
  }

  /** Cuts off what is under way. */
  destroy(): Promise<void> {
    return this.#agent.destroy()
  }
}
