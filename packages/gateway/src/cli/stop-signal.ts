import { SECOND_MS } from '../model/clock.ts'
import type { Log } from '../model/log.ts'
import { EXIT_FAILED } from './exit-codes.ts'

/** Whoever sent the signal waits no longer than this, so neither do we. */
const STOP_MAX_MS = 10 * SECOND_MS
/**
 * On Ctrl+C a terminal signals npm, the launcher (run-on-node-26.mjs) and the gateway alike, and the launcher passes its
 * signal on: the gateway hears one wish twice. Of a SIGTERM to npm, which reaches neither of us, the launcher learns by
 * its changed parent. A second signal is an impatient person only after this time.
 */
const ECHO_MAX_MS = SECOND_MS
/** What shells report of a command that SIGINT ended. */
const EXIT_INTERRUPTED = 130

/**
 * Resolves at the first SIGTERM or SIGINT. From then on the process ends by itself: with 1 if it has not stopped within
 * 10 s, and at once at a second signal (130 for SIGINT, 1 for SIGTERM).
 */
export const awaitStopSignal = (log: Log): Promise<void> =>
  new Promise(resolve => {
    let askedAt: number | undefined
    const hear = (signal: NodeJS.Signals) => {
      if (askedAt === undefined) {
        askedAt = performance.now()
        log.info({ signal }, '正在停止 / stopping')
        setTimeout(giveUp, STOP_MAX_MS, log).unref()
        resolve()
      } else if (performance.now() - askedAt > ECHO_MAX_MS) {
        process.exit(signal === 'SIGINT' ? EXIT_INTERRUPTED : EXIT_FAILED)
      }
    }
    process.on('SIGTERM', hear)
    process.on('SIGINT', hear)
  })

function giveUp(log: Log): void {
  log.error({ waitedMs: STOP_MAX_MS }, '未能按时停止, 强制退出 / did not stop in time, exiting all the same')
  process.exit(EXIT_FAILED)
}
