/**
 * Tries a receiver of callbacks. Every question has the gateway's deadline of 5 s, and all of them together two minutes: what is
 * not reached by then is told as skipped. A receiver that nobody can reach at all is asked once.
 */
import { MINUTE_MS } from '../../../system/clock.ts'
import { type Finding, says } from '../../show/report.ts'
import { isAccepted } from './answer-words.ts'
import type { ReceiverCheck, Seen, Sofar } from './receiver-check.ts'
import { eachKind, refusals, takes } from './receiver-checks.ts'
import { conduct } from './receiver-conduct.ts'
import { openReceiverLine, type ReceiverTarget } from './receiver-line.ts'

export const CONFORM_MAX_MS = 2 * MINUTE_MS

/** Finds one thing after another; `tell` hears how far it is. It never rejects for what a receiver does. */
export async function conformReceiver(
  target: ReceiverTarget,
  tell: (done: number, of: number) => void = () => {},
): Promise<Finding[]> {
  const line = openReceiverLine(target)
  const until = target.clock.now() + CONFORM_MAX_MS
  const checks = checksFor(target)
  const findings: Finding[] = []
  let sofar: Sofar = { hasAccepted: false, tookMs: [] }
  let unreached: Seen | undefined
  try {
    for (const each of checks) {
      tell(findings.length, checks.length)
      const { check, what } = each
      const skipped = unreached ?? (target.clock.now() < until ? undefined : outOfTime)
      if (skipped) {
        findings.push({ check, what, ...skipped })
        continue
      }
      const { seen, outcomes } = await each.look(line, sofar)
      const good = outcomes.filter(isAccepted)
      sofar = {
        hasAccepted: sofar.hasAccepted || good.length > 0,
        tookMs: [...sofar.tookMs, ...good.map(({ ms }) => ms)],
      }
      findings.push({ check, what, ...seen })
      const isDeaf = findings.length === 1 && outcomes.some(({ kind }) => kind === 'failed')
      if (isDeaf) unreached = skippedFor(seen)
    }
    return findings
  } finally {
    await line.close()
  }
}

/** In their order: first what has to be taken, because a receiver that takes nothing refuses all the rest as well. */
export const checksFor = ({ secrets }: Pick<ReceiverTarget, 'secrets'>): readonly ReceiverCheck[] => [
  ...eachKind,
  ...takes(secrets.length),
  ...refusals,
  ...conduct,
]

const outOfTime: Seen = {
  verdict: 'skipped',
  seen: says('两分钟已到', 'two minutes were over'),
}

const skippedFor = ({ seen }: Seen): Seen => ({ verdict: 'skipped', seen })
