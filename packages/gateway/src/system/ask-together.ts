import type { Clock } from './clock.ts'

/** A question that has no answer by then holds up nobody any longer: the next one is put beside it. */
const WAIT_MAX_MS = 200

/**
 * One question for all who ask the same at once. Nobody hears an answer to a question that was put before he asked: whoever
 * comes while one is under way waits for the next, and shares that with the others who wait. So what was changed before
 * somebody asked he sees, and a crowd costs two questions, as long as they are answered.
 */
export function askTogether<Answer>(
  clock: Clock,
  ask: (key: string) => Promise<Answer>,
): (key: string) => Promise<Answer> {
  const underWay = new Map<string, Promise<Answer>>()
  const next = new Map<string, Promise<Answer>>()

  function put(key: string): Promise<Answer> {
    const asked: Promise<Answer> = ask(key).finally(() => {
      if (underWay.get(key) === asked) underWay.delete(key)
    })
    underWay.set(key, asked)
    return asked
  }

  return key => {
    const waiting = next.get(key)
    if (waiting) return waiting
    const before = underWay.get(key)
    if (!before) return put(key)
    const following = overOrTooLate(clock, before).then(() => {
      next.delete(key)
      return put(key)
    })
    next.set(key, following)
    return following
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
