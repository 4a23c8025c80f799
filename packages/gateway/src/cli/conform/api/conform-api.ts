/**
 * Holds a server against the contract of the page. Every question has a deadline, and all of them together five minutes; a server
 * that nobody can reach, or that does not know the token, is asked once. It changes nothing unless it is to write.
 */
import { type Clock, MINUTE_MS } from '../../../system/clock.ts'
import { hex24, type Random } from '../../../system/random.ts'
import type { Finding } from '../../show/report.ts'
import { type CheckRun, runChecks } from '../run-checks.ts'
import type { ApiCheck } from './api-check.ts'
import { type ApiChoice, groundOf } from './api-facts.ts'
import { openApiLine } from './api-line.ts'
import { firstAnswer, listChecks } from './list-checks.ts'
import { requestChecks } from './request-checks.ts'
import { tokenChecks } from './token-checks.ts'
import { writeChecks } from './write-checks.ts'

const CONFORM_API_MAX_MS = 5 * MINUTE_MS

export interface ApiTarget {
  readonly base: URL
  readonly choice: ApiChoice
  /** Whether a room may be made, joined and left. */
  readonly mayWrite: boolean
  readonly clock: Clock
  readonly random: Random
}

/** It never rejects for what a server does. */
export async function conformApi(target: ApiTarget, tell?: CheckRun['tell']): Promise<Finding[]> {
  const line = openApiLine(target.base, target.clock)
  try {
    const ground = groundOf(line, target.choice)
    return await runChecks(checksFor(target), ground, {
      clock: target.clock,
      maxMs: CONFORM_API_MAX_MS,
      tell,
    })
  } finally {
    await line.close()
  }
}

/** The lists come first: what they tell, the requests are about. */
export const checksFor = ({
  mayWrite,
  random,
}: Pick<ApiTarget, 'mayWrite' | 'random'>): readonly ApiCheck[] => [
  firstAnswer,
  ...listChecks,
  ...tokenChecks,
  ...requestChecks,
  ...(mayWrite ? writeChecks(`qunhub-conform-${hex24(random)}`) : []),
]
