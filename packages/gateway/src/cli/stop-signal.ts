import { SECOND_MS } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import { EXIT_FAILED } from './exit-codes.ts'

/** After it has gone on for as long as was set: whoever sent the signal waits no longer than this, so neither do we. */
const STOP_MAX_MS = 10 * SECOND_MS
/**
 * On Ctrl+C a terminal signals npm, the launcher (run-on-node-26.mjs) and the gateway alike, and the launcher passes its
 * signal on: the gateway hears one wish twice. Of a SIGTERM to npm, which reaches neither of us, the launcher learns by
 * its changed parent. A second signal is an impatient person only after this time.
 */
const ECHO_MAX_MS = SECOND_MS
/** What a stop has once it is hurried. */
const HURRIED_MAX_MS = 2.5 * SECOND_MS
/** What shells report of a command that SIGINT ended. */
const EXIT_INTERRUPTED = 130

/** What a stop is like. */
export interface Stopping {
  /** How long the gateway goes on serving before it stops. */
  readonly drainMs?: number
  /** Somebody has lost patience: what is left to do is to be done without waiting. */
  readonly onHurry?: () => void
}

/**
 * Resolves at the first SIGTERM or SIGINT. From then on the process ends by itself: with 1 if it has not stopped within
 * 10 s beyond `drainMs`. A second signal takes the waiting out of it, and ends the process after 2.5 s in any case; a third
 * one ends it at once (130 for SIGINT, 1 for SIGTERM).
 */
export const awaitStopSignal = (
  log: Log,
  { drainMs = 0, onHurry = () => {} }: Stopping = {},
): Promise<void> =>
  new Promise(resolve => {
    let heardAt: number | undefined
    let isHurried = false
    const hear = (signal: NodeJS.Signals) => {
      const now = performance.now()
      const isEcho = heardAt !== undefined && now - heardAt <= ECHO_MAX_MS
      if (isEcho) return
      const exit = () => process.exit(signal === 'SIGINT' ? EXIT_INTERRUPTED : EXIT_FAILED)
      if (heardAt === undefined) {
        log.info({ signal, drainMs }, '正在停止 / stopping')
        setTimeout(giveUp, drainMs + STOP_MAX_MS, log, drainMs + STOP_MAX_MS).unref()
        resolve()
      } else if (!isHurried) {
        isHurried = true
        log.info({ signal }, '不再等待 / waiting no longer')
        setTimeout(exit, HURRIED_MAX_MS).unref()
        onHurry()
      } else exit()
      heardAt = now
    }
    process.on('SIGTERM', hear)
    process.on('SIGINT', hear)
  })

function giveUp(log: Log, waitedMs: number): void {
  log.error({ waitedMs }, '未能按时停止, 强制退出 / did not stop in time, exiting all the same')
  process.exit(EXIT_FAILED)
}
