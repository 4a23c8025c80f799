/**
 * CR-25: with an `Idempotency-Key` the same request, repeated within 24 hours, makes one room and gets one answer.
 *
 * An answer is remembered once the puppet was asked, that is for success and for -9. A refusal before that changed
 * nothing, so repeating it is safe and may by then succeed. While the first call is under way, a second one with its
 * key waits for it. Only a digest of the body is kept.
 */
import { createHash } from 'node:crypto'
import type { WorkspaceId } from '@qunhub/wire'
import { type Clock, DAY_MS } from '../model/clock.ts'
import { done, type Result, refuse } from '../model/result.ts'
import type { Database } from '../store/database.ts'
import { findAnswer, forgetAnswers, saveAnswer } from '../store/idempotency.ts'
import type { CreatedRoom, CreateRefusal, CreateRequest } from './create.ts'

export const ANSWER_KEPT_MS = DAY_MS

type Answer = Result<CreatedRoom, CreateRefusal>
interface Remembered {
  /** Of the body that the key was first used with. */
  readonly bodyHash: string
  readonly answer: Answer
}

export interface AnswerMemory {
  /** Runs `work`, or repeats the answer to the same key and body; the same key with another body is refused. */
  once(
    workspaceId: WorkspaceId,
    key: string,
    ask: CreateRequest,
    work: () => Promise<Answer>,
  ): Promise<Result<Answer, 'key-reused'>>
}

export function createAnswerMemory({ db, clock }: { db: Database; clock: Clock }): AnswerMemory {
  const underWay = new Map<string, { bodyHash: string; remembering: Promise<Remembered> }>()

  async function answerAndRemember(
    workspaceId: WorkspaceId,
    key: string,
    bodyHash: string,
    work: () => Promise<Answer>,
  ): Promise<Remembered> {
    const earlier = await findAnswer(db, workspaceId, key)
    if (earlier && earlier.at > clock.now() - ANSWER_KEPT_MS) {
      return { bodyHash: earlier.bodyHash, answer: JSON.parse(earlier.answer) as Answer }
    }
    const answer = await work()
    if (puppetWasAsked(answer)) {
      await saveAnswer(db, workspaceId, key, { bodyHash, answer: JSON.stringify(answer), at: clock.now() })
      await forgetAnswers(db, clock.now() - ANSWER_KEPT_MS)
    }
    return { bodyHash, answer }
  }

  return {
    async once(workspaceId, key, ask, work) {
      const bodyHash = createHash('sha256').update(JSON.stringify(ask)).digest('hex')
      const slot = `${workspaceId}\n${key}`
      const first = underWay.get(slot)
      if (first)
        return first.bodyHash === bodyHash ? done((await first.remembering).answer) : refuse('key-reused')

      const remembering = answerAndRemember(workspaceId, key, bodyHash, work)
      underWay.set(slot, { bodyHash, remembering })
      try {
        const remembered = await remembering
        return remembered.bodyHash === bodyHash ? done(remembered.answer) : refuse('key-reused')
      } finally {
        underWay.delete(slot)
      }
    },
  }
}

const puppetWasAsked = (answer: Answer): boolean => answer.ok || answer.refused === 'create-failed'
