/**
 * CR-25: with an `Idempotency-Key` the same request, repeated within 24 hours, makes one room and gets one answer.
 *
 * That the puppet is about to be asked is noted before it is asked, and so is that the room is about to be greeted: who
 * finds the room of a try that had not come so far greets it, once at most. So whoever comes with the key after a crash, or after
 * the bot changed its node, knows that a room may stand already: it is looked for, and never asked for again. The answer
 * takes the place of the note, unless nobody can be sure of it (a timeout whose room was not found): then the note stays,
 * and the next request with the key looks once more.
 *
 * A refusal before the puppet was asked changed nothing and is not remembered: repeating it is safe and may by then
 * succeed. While the first call is under way, a second one with its key waits for it. Only a digest of the body is kept.
 */
import { createHash } from 'node:crypto'
import type { WorkspaceId } from '@qunhub/wire'
import type { Tenure } from '../model/bot.ts'
import { done, type Result, refuse } from '../model/result.ts'
import type { Database } from '../store/database/database.ts'
import { findAnswer, forgetAnswers, saveAnswer, takeKeyFor } from '../store/workspaces/idempotency.ts'
import { DAY_MS } from '../system/clock.ts'
import type { CreatedRoom, CreateRefusal, CreateRequest } from './create.ts'
import type { RoomsBefore } from './find-new-room.ts'

const ANSWER_KEPT_MS = DAY_MS

type Answer = Result<CreatedRoom, CreateRefusal>
/** What is kept under a key. */
type Kept = Answer | Note
/** A try that has no answer yet. Which greeting it is about the body says, of which the key keeps a digest. */
interface Note {
  readonly asked: RoomsBefore
  /** `due`: not asked for yet; `begun`: perhaps said. Tries of before 2026-11-29 did not say, and may have greeted. */
  readonly greeting?: 'due' | 'begun'
}

interface Remembered {
  /** Of the body that the key was first used with. */
  readonly bodyHash: string
  readonly answer: Answer
}

/** One try to carry a request out. */
export interface Attempt {
  /** How the bot's rooms stood when an earlier try asked the puppet; what came of it nobody kept. Null: there was none. */
  readonly earlier: RoomsBefore | null
  /** To be called before the puppet is asked. Rejects with FenceLost, and then it may not be asked. */
  note(tenure: Tenure, before: RoomsBefore): Promise<void>
  /**
   * To be called before the new room is greeted, whichever try made it. False: an earlier one may have greeted, and twice
   * is worse than not at all.
   */
  mayGreet(): Promise<boolean>
  /** Nobody can say for sure what came of it: the next request with the key looks again. */
  doubt(): void
}

/** Of a request without a key. */
export const ONLY_ATTEMPT: Attempt = {
  earlier: null,
  async note() {},
  mayGreet: async () => true,
  doubt() {},
}

export interface AnswerMemory {
  /** Runs `work`, or repeats the answer to the same key and body; the same key with another body is refused. */
  once(
    workspaceId: WorkspaceId,
    key: string,
    ask: CreateRequest,
    work: (attempt: Attempt) => Promise<Answer>,
  ): Promise<Result<Answer, 'key-reused'>>
}

/** It was taken into use for another body; perhaps in this moment, by the node of another bot. */
class KeyTaken extends Error {
  override name = 'KeyTaken'
}

/** `now`: what time it is for all nodes that share the store; a key's age may be told by another one than began it. */
export function createAnswerMemory({
  db,
  now: timeOf,
}: {
  db: Database
  now: (db: Database) => Promise<number>
}): AnswerMemory {
  const now = () => timeOf(db)
  const underWay = new Map<string, { bodyHash: string; remembering: Promise<Remembered> }>()

  async function answerAndRemember(
    workspaceId: WorkspaceId,
    key: string,
    bodyHash: string,
    work: (attempt: Attempt) => Promise<Answer>,
  ): Promise<Remembered> {
    const expired = (await now()) - ANSWER_KEPT_MS
    const found = await findAnswer(db, workspaceId, key)
    const earlier = found && found.at > expired ? found : undefined
    const kept = earlier && (JSON.parse(earlier.answer) as Kept)
    let note: Note | null = kept && 'asked' in kept ? kept : null
    if (earlier && kept && !('asked' in kept)) return { bodyHash: earlier.bodyHash, answer: kept }
    // The first request with the key is not this one.
    if (earlier && earlier.bodyHash !== bodyHash) throw new KeyTaken(key)

    let noted = earlier?.answer
    let isCertain = true
    const answer = await work({
      earlier: note?.asked ?? null,
      async note(tenure, before) {
        note = { asked: before, greeting: 'due' }
        const text = JSON.stringify(note)
        const kept = { bodyHash, answer: text, at: await now() }
        if (!(await takeKeyFor(db, tenure, key, kept, expired))) throw new KeyTaken(key)
        noted = text
      },
      async mayGreet() {
        if (note?.greeting !== 'due' || noted === undefined) return false
        note = { ...note, greeting: 'begun' }
        const text = JSON.stringify(note)
        // Only one of two nodes that both think the bot theirs finds the note as it was.
        if (!(await saveAnswer(db, workspaceId, key, { answer: text, at: await now() }, noted))) return false
        noted = text
        return true
      },
      doubt() {
        isCertain = false
      },
    })
    if (noted !== undefined && isCertain && puppetWasAsked(answer)) {
      await saveAnswer(db, workspaceId, key, { answer: JSON.stringify(answer), at: await now() }, noted)
      await forgetAnswers(db, (await now()) - ANSWER_KEPT_MS)
    }
    return { bodyHash, answer }
  }

  return {
    async once(workspaceId, key, ask, work) {
      // What is null counts as absent (G-5), so it makes no other request.
      const asked = JSON.stringify(ask, (_field, value) => value ?? undefined)
      const bodyHash = createHash('sha256').update(asked).digest('hex')
      const slot = `${workspaceId}\n${key}`
      const first = underWay.get(slot)
      if (first)
        return first.bodyHash === bodyHash ? done((await first.remembering).answer) : refuse('key-reused')

      const remembering = answerAndRemember(workspaceId, key, bodyHash, work)
      underWay.set(slot, { bodyHash, remembering })
      try {
        const remembered = await remembering
        return remembered.bodyHash === bodyHash ? done(remembered.answer) : refuse('key-reused')
      } catch (failure) {
        if (failure instanceof KeyTaken) return refuse('key-reused')
        throw failure
      } finally {
        underWay.delete(slot)
      }
    },
  }
}

const puppetWasAsked = (answer: Answer): boolean => answer.ok || answer.refused === 'create-failed'
