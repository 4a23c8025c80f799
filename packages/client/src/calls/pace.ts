/**
 * Keeps the page's limit on this side: 500 calls in any 30 s. A call takes a place when it is sent, and gives it back 30 s
 * after its answer came: the gateway counted it before that, so whoever takes the place later is 30 s behind it there too,
 * however long anything was on its way. Who finds no place waits in line.
 */
import type { Clock } from '../clock.ts'
import { TooManyWaiting } from './failure.ts'

export interface PaceRule {
  readonly calls: number
  readonly windowMs: number
  /** So many wait at most; the next one rejects with `TooManyWaiting`. */
  readonly waitingMax: number
}

/** G-6. */
export const PAGE_PACE: PaceRule = { calls: 500, windowMs: 30_000, waitingMax: 10_000 }

export interface Pace {
  /** Resolves when it is the caller's turn, with what is to be called when the answer has come or will not come. */
  turn(path: string, signal?: AbortSignal | undefined): Promise<() => void>
}

export function createPace(clock: Clock, rule: PaceRule): Pace {
  let taken = 0
  const line: (() => void)[] = []

  const giveBack = () => {
    taken--
    line.shift()?.()
  }
  const take = () => {
    taken++
    let isOver = false
    return () => {
      if (!isOver) clock.after(rule.windowMs, giveBack)
      isOver = true
    }
  }
  return {
    async turn(path, signal) {
      signal?.throwIfAborted()
      if (taken < rule.calls) return take()
      if (line.length >= rule.waitingMax)
        throw new TooManyWaiting({ path, tries: 0 }, `${line.length} 个调用在排队 / calls are in line`)
      return new Promise((resolve, reject) => {
        const called = () => {
          signal?.removeEventListener('abort', leave)
          resolve(take())
        }
        const leave = () => {
          line.splice(line.indexOf(called), 1)
          reject(signal?.reason)
        }
        signal?.addEventListener('abort', leave, { once: true })
        line.push(called)
      })
    },
  }
}
