/**
 * One check after another, all of them within a limit: what is not reached by then has failed, for nobody knows how it is. Where
 * the first one finds that nobody is there, the rest is not tried.
 */
import type { BothLanguages } from '@qunhub/wire'
import type { Clock } from '../../system/clock.ts'
import { type Finding, says } from '../show/report.ts'

export type Seen = Omit<Finding, 'check' | 'what'> & {
  /** Without this there is nothing to look at. */
  readonly isEnd?: boolean
}

export interface Check<Ground> {
  /** A word for programs. */
  readonly check: string
  readonly what: BothLanguages
  look(ground: Ground): Promise<Seen>
}

export interface CheckRun {
  readonly clock: Clock
  readonly maxMs: number
  /** Hears how far it is. */
  readonly tell?: ((done: number, of: number) => void) | undefined
}

/** Finds one thing after another. It rejects only with what a check rejects with, which is a fault of ours. */
export async function runChecks<Ground>(
  checks: readonly Check<Ground>[],
  ground: Ground,
  { clock, maxMs, tell }: CheckRun,
): Promise<Finding[]> {
  const until = clock.now() + maxMs
  const findings: Finding[] = []
  let ended: BothLanguages | undefined
  for (const each of checks) {
    tell?.(findings.length, checks.length)
    const { check, what } = each
    if (ended) {
      findings.push({ check, what, verdict: 'skipped', seen: ended })
      continue
    }
    if (clock.now() >= until) {
      findings.push({ check, what, verdict: 'failed', seen: timeIsOver(maxMs) })
      continue
    }
    const { isEnd = false, ...seen } = await each.look(ground)
    findings.push({ check, what, ...seen })
    if (isEnd) ended = seen.seen
  }
  return findings
}

const timeIsOver = (ms: number): BothLanguages =>
  says(`没有看: ${Math.round(ms / 1000)} 秒已到`, `not looked at: ${Math.round(ms / 1000)} seconds were over`)
