import type { NumberedLine, ReportLine } from '@qunhub/wire/contact-file'

/** Excel takes a file for what it is by this mark. */
const BYTE_ORDER_MARK = '\uFEFF'
const HEADER = ['line', 'outcome', 'bots', 'why', 'wxid', 'externalUserId', 'unionId']

/** What became of each line, with what stood in it, so that those that were not taken can be mended and imported again. */
export function reportCsv(report: readonly ReportLine[], lines: readonly NumberedLine[]): string {
  const contacts = new Map(lines.map(({ line, contact }) => [line, contact]))
  const rows = report.map(({ line, outcome, bots, problems = [] }) => {
    const { wxid, externalUserId, unionId } = contacts.get(line) ?? {}
    const why = problems.map(({ field, message }) => `${field}: ${message}`).join('; ')
    return [line, outcome, bots, why, wxid, externalUserId, unionId]
  })
  return BYTE_ORDER_MARK + [HEADER, ...rows].map(row => `${row.map(cellOf).join(',')}\r\n`).join('')
}

/** A cell that a spreadsheet would take for a formula, or for a number that it rounds, is marked as text. */
function cellOf(value: string | number | undefined): string {
  const text = String(value ?? '')
  if (typeof value === 'string' && /^\d{12,}$/.test(text)) return `"=""${text}"""`
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
