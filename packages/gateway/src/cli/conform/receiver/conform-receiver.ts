/**
 * Tries a receiver of callbacks. Every question has the gateway's deadline of 5 s, and all of them together two minutes. A
 * receiver that nobody can reach at all is asked once.
 */
import { MINUTE_MS } from '../../../system/clock.ts'
import type { Finding } from '../../show/report.ts'
import { type CheckRun, runChecks } from '../run-checks.ts'
import type { ReceiverCheck } from './receiver-check.ts'
import { eachKind, refusals, takes } from './receiver-checks.ts'
import { conduct } from './receiver-conduct.ts'
import { openReceiverLine, type ReceiverTarget } from './receiver-line.ts'

export const CONFORM_MAX_MS = 2 * MINUTE_MS

/** It never rejects for what a receiver does. */
export async function conformReceiver(target: ReceiverTarget, tell?: CheckRun['tell']): Promise<Finding[]> {
  const line = openReceiverLine(target)
  try {
    return await runChecks(checksFor(target), line, { clock: target.clock, maxMs: CONFORM_MAX_MS, tell })
  } finally {
    await line.close()
  }
}

/** In their order: first what has to be taken, because a receiver that takes nothing refuses all the rest as well. */
export function checksFor({ secrets }: Pick<ReceiverTarget, 'secrets'>): readonly ReceiverCheck[] {
  const [first, ...kinds] = eachKind
  const isAnybodyThere: ReceiverCheck = {
    ...first!,
    look: async line => {
      const seen = await first!.look(line)
      return { ...seen, isEnd: line.answers() === 0 }
    },
  }
  return [isAnybodyThere, ...kinds, ...takes(secrets.length), ...refusals, ...conduct]
}
