import type { Clock } from './clock.ts'

/** Work that comes round again and again, one round at a time. */
export interface Rounds {
  start(): void
  /** No round begins any more; resolves when one under way has ended. */
  stop(): Promise<void>
}

/**
 * The first round begins `firstMs` after the start, each next one so many milliseconds after its predecessor's end as that
 * one said. `goRound` never rejects, and looks at `isStopped` where it could go on for long.
 */
export function createRounds(
  clock: Clock,
  firstMs: number,
  goRound: (isStopped: () => boolean) => Promise<number>,
): Rounds {
  let callOff = () => {}
  let round: Promise<void> = Promise.resolve()
  let isStopped = false

  const schedule = (ms: number) => {
    callOff = clock.after(ms, () => {
      round = goRound(() => isStopped).then(nextMs => {
        if (!isStopped) schedule(nextMs)
      })
    })
  }

  return {
    start: () => schedule(firstMs),
    async stop() {
      isStopped = true
      callOff()
      await round
    },
  }
}
