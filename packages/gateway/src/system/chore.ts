import type { Clock } from './clock.ts'
import type { Log } from './log.ts'

/** Work that comes round again and again, one step at a time. */
export interface Chore {
  start(): void
  /** No step begins any more; resolves when one under way has ended. */
  stop(): Promise<void>
}

/** When a step begins; `everyMs` unless another step or the first one says otherwise. */
export interface Every {
  readonly everyMs: number
  /** Between the start and the first step; 0: at once. */
  readonly firstMs?: number
}

/**
 * Sleeps, does a step, and goes on, whatever becomes of the step: one that fails is complained about, and the next takes what
 * it left. A step may say after how many milliseconds it wants the next, and looks at `isStopped` where it could go on
 * for long. `name` is what the step does: "forgetting old callbacks".
 */
export function chore(
  name: string,
  { everyMs, firstMs = everyMs }: Every,
  step: (isStopped: () => boolean) => Promise<number> | Promise<void>,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Chore {
  let callOff = () => {}
  let underWay: Promise<void> = Promise.resolve()
  let isStopped = false

  const stepAndGoOn = async (): Promise<void> => {
    let nextMs = everyMs
    try {
      nextMs = (await step(() => isStopped)) ?? everyMs
    } catch (failure) {
      log.warn({ err: failure }, `${name} failed; it is tried again later`)
    }
    if (!isStopped) sleepAndStep(nextMs)
  }
  const begin = () => {
    underWay = stepAndGoOn()
  }
  const sleepAndStep = (ms: number) => {
    callOff = clock.after(ms, begin)
  }

  return {
    start: () => (firstMs > 0 ? sleepAndStep(firstMs) : begin()),
    async stop() {
      isStopped = true
      callOff()
      await underWay
    },
  }
}
