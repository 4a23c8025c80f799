import { setImmediate as yieldToLoop } from 'node:timers/promises'
import type { Clock } from './clock.ts'

/** A question that has no answer by then holds up nobody any longer: the next one is put beside it. */
const WAIT_MAX_MS = 200
/**
 * Where so many shared a question, more of them are about to come: the next one waits for them, for some ticks of the event loop,
 * which are short where nobody comes.
 */
const MANY = 4
const GATHERING_TICKS = 5

/**
 * One question for all who ask the same at once. Nobody hears an answer to a question that was put before he asked: whoever
 * comes while one is under way waits for the next, and shares that with the others who wait. So what was changed before
 * somebody asked he sees, and a crowd costs two questions, as long as they are answered.
 */
export function askTogether<Answer>(clock: Clock, ask: () => Promise<Answer>): () => Promise<Answer> {
  let underWay: Promise<Answer> | undefined
  let next: Promise<Answer> | undefined
  /** By how many the question is shared that comes next, and by how many the last one was. */
  let sharing = 0
  let sharedLast = 0

  function put(): Promise<Answer> {
    sharedLast = sharing
    sharing = 0
    const asked: Promise<Answer> = ask().finally(() => {
      if (underWay === asked) underWay = undefined
    })
    underWay = asked
    return asked
  }

  return () => {
    sharing++
    if (next) return next
    if (!underWay) return put()
    next = overOrTooLate(clock, underWay).then(async () => {
      for (let tick = 0; sharedLast >= MANY && tick < GATHERING_TICKS; tick++) await yieldToLoop()
      next = undefined
      return put()
    })
    return next
  }
}

/** Whether it went well is for those who asked. */
function overOrTooLate(clock: Clock, asked: Promise<unknown>): Promise<void> {
  return new Promise(resolve => {
    const callOff = clock.after(WAIT_MAX_MS, resolve)
    const over = () => {
      callOff()
      resolve()
    }
    asked.then(over, over)
  })
}

/**
 * One question for all who ask while it is under way, whenever it was put: for what may be a moment old, and must not be asked
 * twice at a time.
 */
export function shareUnderWay<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let underWay: Promise<Answer> | null = null
  return () => {
    underWay ??= ask().finally(() => {
      underWay = null
    })
    return underWay
  }
}
