/**
 * Whether a bot hears, and how one that does not is healed. A puppet is deaf when it is connected, its account is logged
 * in, and nothing of what happens reaches us: the bot would look online and miss everything.
 *
 * A deaf bot is healed in stages. A stage ends with success, or when its tries are used up; the last one has no end:
 *
 *   new-stream   NEW_STREAM_TRIES_MAX new stream on a new channel, at once
 *   start-again  START_AGAIN_TRIES_MAX times START_AGAIN_WAIT_MS apart; the puppet is told to start before the stream
 *                is asked for, because one that hangs opens none. An operator is alerted when this stage begins
 *   operator     every OPERATOR_WAIT_MS: whoever was alerted has to look; until then it costs next to nothing to try
 *
 * The waits are for puppets that open a stream and tell nothing on it; one that opens none is away or frozen, and is looked
 * for as often as any other, because it may be back at any moment.
 *
 * It is healed by hearing and not by connecting: a puppet that greets every new stream and falls silent again must not
 * look online for a second. Who has just been healed and is deaf again within STABLE_MS has relapsed. It begins one
 * stage later each time, and from the first relapse on it must hear for PROBATION_MIN_MS, twice as long after each next
 * one, PROBATION_MAX_MS at most, before it is online again.
 *
 * No stage asks the puppet to stop: that would log the account out on its phone.
 */
import {
  type BotPast,
  type BotSession,
  type Deafness,
  mayLeaveStream,
  type RecoveryStage,
} from '../model/bot.ts'
import { MINUTE_MS, SECOND_MS } from '../system/clock.ts'
import type { Random } from '../system/random.ts'
import { type BackOff, waitAfter } from './back-off.ts'

const NEW_STREAM_TRIES_MAX = 1
export const START_AGAIN_TRIES_MAX = 3
export const START_AGAIN_WAIT_MS = 15 * SECOND_MS
export const OPERATOR_WAIT_MS = MINUTE_MS
export const STABLE_MS = 10 * MINUTE_MS
export const PROBATION_MIN_MS = MINUTE_MS
const PROBATION_MAX_MS = 8 * MINUTE_MS

const STAGES = ['new-stream', 'start-again', 'operator'] as const satisfies readonly RecoveryStage[]
const TRIES_MAX: Readonly<Record<RecoveryStage, number>> = {
  'new-stream': NEW_STREAM_TRIES_MAX,
  'start-again': START_AGAIN_TRIES_MAX,
  operator: Number.POSITIVE_INFINITY,
}

/** What is worth a line: deafness found, a later stage of recovery, or hearing again and by which stage. */
export interface HearingNews {
  readonly kind: 'deaf' | 'next-stage' | 'hears-again'
  readonly deaf: Deafness
}

/** What is known about the hearing of one bot. Times are milliseconds. */
export class Hearing {
  /** The puppet has been heard to answer a ding, so one that stays unanswered says something. */
  answersDings: boolean
  #deaf: Deafness | null = null
  #tries = 0
  #relapses = 0
  #healedAt: number | null = null
  /** The last proof that it hears, whatever stream it came on. */
  #heardAt: number | null = null
  /** The first that was heard on the present stream. */
  #heardSince: number | null = null

  /** Who was deaf when somebody ran it last has to prove that it hears, like any that is deaf. */
  constructor({ answersDings, deafSince }: Pick<BotPast, 'answersDings' | 'deafSince'>) {
    this.answersDings = answersDings
    if (deafSince !== null) this.#deaf = { since: deafSince, stage: STAGES[0] }
  }

  /** Null while it hears, as far as anybody can know. */
  get deaf(): Deafness | null {
    return this.#deaf
  }

  /** What whoever runs the bot next has to know. Of one that never got as far as a stream, what was known before. */
  toPast({ hadStream }: Pick<BotPast, 'hadStream'>, state: BotSession['state']): BotPast {
    return {
      hadStream: state === 'new' ? hadStream : mayLeaveStream(state),
      answersDings: this.answersDings,
      deafSince: this.#deaf?.since ?? null,
    }
  }

  get heardAt(): number | null {
    return this.#heardAt
  }

  /** Whether the next try tells the puppet to start before it asks for a stream. */
  get startsAgain(): boolean {
    return this.#deaf !== null && this.#deaf.stage !== 'new-stream'
  }

  /** Another stream is tried: what was heard on the last one counts no more. */
  beginStream(): void {
    this.#heardSince = null
  }

  /** A stream ended because nothing was heard on it since `since`; or none came about, on a try to heal. */
  fail(since: number, now: number): HearingNews | null {
    if (!this.#deaf) {
      const hasRelapsed = this.#healedAt !== null && now - this.#healedAt < STABLE_MS
      this.#relapses = hasRelapsed ? this.#relapses + 1 : 0
      this.#tries = 0
      this.#deaf = { since, stage: STAGES[Math.min(this.#relapses, STAGES.length - 1)]! }
      return { kind: 'deaf', deaf: this.#deaf }
    }
    const { stage } = this.#deaf
    if (++this.#tries < TRIES_MAX[stage]) return null
    this.#tries = 0
    this.#deaf = { ...this.#deaf, stage: STAGES[STAGES.indexOf(stage) + 1]! }
    return { kind: 'next-stage', deaf: this.#deaf }
  }

  /** Something was heard. News when that ends the deafness. */
  hear(now: number): HearingNews | null {
    this.#heardAt = now
    this.#heardSince ??= now
    return now - this.#heardSince < this.#probationMs ? null : this.endDeafness(now)
  }

  /**
   * Without more proof: it was told that the account is not logged in, so something came through, and until somebody
   * logs in there is nothing to hear.
   */
  endDeafness(now: number): HearingNews | null {
    const deaf = this.#deaf
    if (!deaf) return null
    this.#deaf = null
    this.#healedAt = now
    return { kind: 'hears-again', deaf }
  }

  /** How long to wait before the next try to heal; `attempt` counts the failures in a row from 1. */
  waitMs(attempt: number, backOff: BackOff, random: Random): number {
    const stage = this.#deaf?.stage ?? 'new-stream'
    switch (stage) {
      case 'new-stream':
        return waitAfter(attempt, backOff, random)
      case 'start-again':
        return START_AGAIN_WAIT_MS
      case 'operator':
        return OPERATOR_WAIT_MS
      default:
        return stage satisfies never
    }
  }

  get #probationMs(): number {
    if (this.#relapses === 0) return 0
    return Math.min(PROBATION_MIN_MS * 2 ** (this.#relapses - 1), PROBATION_MAX_MS)
  }
}
