/** How a file is imported, part by part, and what became of each of its lines: for the command line and for the console alike. */
import type { BothLanguages } from '../complaint.ts'
import { CONTACTS_PER_IMPORT_MAX, type ContactLine, type LineOutcome } from '../console/rooms/contact.ts'
import { mayBeRounded } from './excel-cells.ts'
import type { LineProblem, NumberedLine } from './read-contacts.ts'

export interface ReportLine {
  /** As an editor counts them. */
  readonly line: number
  readonly outcome: LineOutcome
  /** How many of them know the contact. */
  readonly bots: number
  /** Which cells keep it from being taken. */
  readonly problems?: readonly LineProblem[] | undefined
}

/** As many lines each as one request takes. */
export const partsOf = (lines: readonly NumberedLine[]): (readonly NumberedLine[])[] =>
  Array.from({ length: Math.ceil(lines.length / CONTACTS_PER_IMPORT_MAX) }, (_, at) =>
    lines.slice(at * CONTACTS_PER_IMPORT_MAX, (at + 1) * CONTACTS_PER_IMPORT_MAX),
  )

/** Those of a part that can be sent at all; the gateway would refuse all of them for one that is malformed. */
export const contactsIn = (part: readonly NumberedLine[]): ContactLine[] =>
  part.flatMap(({ contact }) => contact ?? [])

/** What became of each line of a part: of those that were sent as the gateway tells it, in their order. */
export function reportOf(
  part: readonly NumberedLine[],
  told: readonly Omit<ReportLine, 'line'>[],
): ReportLine[] {
  const inOrder = told.values()
  return part.map(read => {
    if (read.contact === null)
      return { line: read.line, outcome: read.outcome, bots: 0, problems: read.problems }
    const reported = { line: read.line, ...inOrder.next().value! }
    return reported.outcome === 'unknown' && mayBeRounded(read.contact.wxid ?? '')
      ? { ...reported, problems: [{ field: 'wxid', message: MAY_BE_ROUNDED }] }
      : reported
  })
}

export function countOutcomes(report: readonly ReportLine[]): Record<LineOutcome, number> {
  const counts = { updated: 0, unchanged: 0, unknown: 0, conflict: 0, malformed: 0 }
  for (const { outcome } of report) counts[outcome]++
  return counts
}

export const isTaken = ({ outcome }: Pick<ReportLine, 'outcome'>): boolean =>
  outcome === 'updated' || outcome === 'unchanged'

export const outcomeWords: Readonly<Record<LineOutcome, BothLanguages>> = {
  updated: { chinese: '已更新', english: 'updated' },
  unchanged: { chinese: '无变化', english: 'unchanged' },
  unknown: { chinese: '没有机器人认识', english: 'unknown' },
  conflict: { chinese: '与别人冲突', english: 'conflict' },
  malformed: { chinese: '格式有误', english: 'malformed' },
}

/** Nobody knows such a wxid, and it looks as if nobody ever had it. */
const MAY_BE_ROUNDED =
  '末位为 0, 若来自 Excel 可能已被舍入: 请把该列设为文本后重新导出 (it ends in 0; if it comes from Excel it may have been rounded: format the column as text and export again)'
