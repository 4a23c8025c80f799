import type { KillReport } from './kill-trial.ts'

/** Of what arrived; a kill leaves at most what was in flight to be heard again. */
export const DUPLICATES_MAX_PART = 0.02

/** What a trial found, as it is printed. Milliseconds and percent. */
export function killFigures({
  committed,
  verdict: { lost, invented, outOfOrder, duplicates, renamed },
  ...report
}: KillReport) {
  return {
    committed,
    lost: lost.length,
    invented: invented.length,
    outOfOrder: outOfOrder.length,
    duplicates,
    duplicatesPercent: Number(((100 * duplicates) / committed).toFixed(2)),
    renamed: renamed.length,
    undelivered: report.undelivered,
    recoveredMs: spreadOf(report.recoveredMs),
    recoveredSinceStartMs: spreadOf(report.recoveredSinceStartMs),
    caughtUpMs: spreadOf(report.caughtUpMs),
    startMs: spreadOf(report.startMs),
    tookS: Math.round(report.tookMs / 1000),
  }
}

/** Whether a customer has nothing to complain of. */
export const isUnhurt = ({ committed, verdict, undelivered }: KillReport): boolean =>
  verdict.lost.length + verdict.invented.length + verdict.outOfOrder.length + verdict.renamed.length === 0 &&
  undelivered === 0 &&
  verdict.duplicates <= DUPLICATES_MAX_PART * committed

function spreadOf(ms: readonly number[]) {
  const sorted = ms.toSorted((one, other) => one - other)
  const at = (part: number) => Math.round(sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN)
  return { of: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) }
}
