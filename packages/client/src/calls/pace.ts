/**
 * Keeps the page's limit on this side: 500 calls in any 30 s. A call takes a place when it is sent, and gives it back 30 s
 * after its answer came: the gateway counted it before that, so whoever takes the place later is 30 s behind it there too,
 * however long anything was on its way. Who finds no place waits in line; a timer runs only while somebody does, so that a
 * program which is done can end.
 */
import { type Clock, elapsed } from '../clock.ts'
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

export function createPace(clock: Clock, { calls, windowMs, waitingMax }: PaceRule): Pace {
  let underWay = 0
  /** When each place whose call is over will be free again, the soonest first. */
  const freeAt: number[] = []
  const line: (() => void)[] = []
  let isAwaited = false

  const isFree = () => {
    while (freeAt.length > 0 && freeAt[0]! <= elapsed(clock)) freeAt.shift()
    return underWay + freeAt.length < calls
  }
  const take = () => {
    underWay++
    return () => {
      underWay--
      freeAt.push(elapsed(clock) + windowMs)
      awaitNext()
    }
  }
  /** Calls in who is next as soon as there is a place. Where none will be free by itself, an answer comes first. */
  const awaitNext = () => {
    while (line.length > 0 && isFree()) line.shift()!()
    if (isAwaited || line.length === 0 || freeAt.length === 0) return
    isAwaited = true
    clock.after(freeAt[0]! - elapsed(clock), () => {
      isAwaited = false
      awaitNext()
    })
  }
  return {
    async turn(path, signal) {
      signal?.throwIfAborted()
      if (line.length === 0 && isFree()) return take()
      if (line.length >= waitingMax)
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
        awaitNext()
      })
    },
  }
}
