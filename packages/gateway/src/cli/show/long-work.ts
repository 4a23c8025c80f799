import { type Clock, SECOND_MS, systemClock } from '../../system/clock.ts'
import type { Shell } from '../shell.ts'

/** Whoever waits longer than this wants to know for what. */
export const UNTOLD_MAX_MS = 2 * SECOND_MS

export interface LongWork {
  /** What is being done now; told once it takes long. */
  now(words: string): void
  /** The same, told at once: before what cannot be interrupted to tell of it. */
  tell(words: string): void
  end(): void
}

/**
 * Tells on stderr, where somebody watches, what takes its time and for how long: nothing within the first 2 s, then a line that
 * is written over every second, and taken away in the end. Where nobody watches, nothing.
 */
export function openLongWork(
  { err, isTerminal = false }: Pick<Shell, 'err' | 'isTerminal'>,
  words: string | (() => string),
  clock: Clock = systemClock,
): LongWork {
  if (!isTerminal) return { now() {}, tell() {}, end() {} }
  const begunAt = clock.now()
  let isShown = false
  let callOff = clock.after(UNTOLD_MAX_MS, draw)

  function draw(): void {
    isShown = true
    err(
      `\r\x1b[2K${typeof words === 'string' ? words : words()} … ${Math.floor((clock.now() - begunAt) / SECOND_MS)} s`,
    )
    callOff()
    callOff = clock.after(SECOND_MS, draw)
  }

  return {
    now(next) {
      words = next
      if (isShown) draw()
    },
    tell(next) {
      words = next
      draw()
    },
    end() {
      callOff()
      if (isShown) err('\r\x1b[2K')
    },
  }
}
