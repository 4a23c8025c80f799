/**
 * Reads CSV as people and spreadsheets make it. A library either refuses the whole file for one stray quote or guesses where the
 * cell ends, and a guess gives one person the id of another. Here a record that cannot be read is told for itself, and
 * reading goes on with the line behind it.
 */
import { isBlank } from './excel-cells.ts'

export interface CsvRecord {
  /** The last line of the record, as an editor counts them. */
  readonly line: number
  /** Null where a quote does not end as a quote should. */
  readonly cells: readonly string[] | null
}

export interface Csv {
  readonly delimiter: string
  /** The first record: names of columns. */
  readonly header: readonly string[]
  /** Without those that are empty. */
  readonly records: readonly CsvRecord[]
}

/** The comma first: where nothing tells them apart, it is meant. */
export const DELIMITERS = [',', ';', '\t', '，', '；', '|'] as const
const ANY_DELIMITER = /[,;\t，；|]/

/** A cell with line breaks in it is a remark; longer than this it is a quote that nobody closed. */
const LINES_PER_RECORD_MAX = 50

/**
 * `isColumn` tells the names of columns that are wanted: the delimiter is the one by which most of them stand in the header. A line
 * `sep=;` before it, which Excel reads and writes, says it outright.
 */
export function readCsv(text: string, isColumn: (name: string) => boolean): Csv {
  const lines = withoutEndMark(text).split(/\r\n|\n|\r/)
  let next = 0
  const said = /^"?sep=(.|\\t)"?\s*$/i.exec(lines[0] ?? '')?.[1]
  if (said !== undefined) next++
  while (next < lines.length && lines[next]!.split(ANY_DELIMITER).every(isBlank)) next++

  const delimiter = said === undefined ? delimiterOf(lines, next, isColumn) : said === '\\t' ? '\t' : said
  const first = readRecord(lines, next, delimiter, null)
  next = first.next
  const header = first.cells ?? []
  const records: CsvRecord[] = []
  while (next < lines.length) {
    if (isBlank(lines[next]!)) {
      next++
      continue
    }
    const record = readRecord(lines, next, delimiter, header.length)
    next = record.next
    // As spreadsheets write a row that somebody has emptied.
    if (!record.cells?.every(isBlank)) records.push({ line: next, cells: record.cells })
  }
  return { delimiter, header, records }
}

/** Ctrl-Z: old programs write it behind the last line. */
const END_MARK = '\u001A'

function withoutEndMark(text: string): string {
  let ended = text
  for (let end = text.trimEnd(); end.endsWith(END_MARK); end = ended.trimEnd()) ended = end.slice(0, -1)
  return ended
}

function delimiterOf(lines: readonly string[], at: number, isColumn: (name: string) => boolean): string {
  const known = (delimiter: string) =>
    readRecord(lines, at, delimiter, null).cells?.filter(isColumn).length ?? 0
  return DELIMITERS.reduce((best, each) => (known(each) > known(best) ? each : best), DELIMITERS[0] as string)
}

/**
 * The record that begins at a line, and the line behind it. A quoted cell may run over several lines, but not over such as could be
 * records of their own (`columns` cells each): there somebody forgot to close a quote.
 */
function readRecord(
  lines: readonly string[],
  at: number,
  delimiter: string,
  columns: number | null,
): { cells: string[] | null; next: number } {
  let text = lines[at] ?? ''
  let isOpen = false
  for (let end = at + 1; ; end++) {
    // What holds no quote ends no cell.
    if (!isOpen || lines[end - 1]!.includes('"')) {
      const cells = splitCells(text, delimiter)
      if (cells !== 'open') return { cells, next: cells === null ? at + 1 : end }
      isOpen = true
    }
    const following = lines[end]
    const isTooMuch = following === undefined || end - at >= LINES_PER_RECORD_MAX
    if (isTooMuch || (columns !== null && following.split(delimiter).length === columns))
      return { cells: null, next: at + 1 }
    text += `\n${following}`
  }
}

/** The cells of a record; `open` where a quoted one does not end in it, null where something follows behind its end. */
function splitCells(text: string, delimiter: string): string[] | null | 'open' {
  const cells: string[] = []
  let at = 0
  for (;;) {
    const quoted = /^[ ]*"/.exec(text.slice(at, at + 64))
    if (!quoted) {
      // A quote in the midst of a cell is a character like any other.
      const end = text.indexOf(delimiter, at)
      cells.push(text.slice(at, end === -1 ? undefined : end))
      if (end === -1) return cells
      at = end + delimiter.length
      continue
    }
    const cell = endOfQuoted(text, at + quoted[0].length)
    if (cell === 'open') return 'open'
    cells.push(cell.text)
    const rest = /^[ ]*/.exec(text.slice(cell.end))![0].length + cell.end
    if (rest >= text.length) return cells
    if (!text.startsWith(delimiter, rest)) return null
    at = rest + delimiter.length
  }
}

/** A quoted cell from behind its first quote on; two quotes in it are one. */
function endOfQuoted(text: string, from: number): { text: string; end: number } | 'open' {
  let cell = ''
  for (let at = from; ; ) {
    const quote = text.indexOf('"', at)
    if (quote === -1) return 'open'
    cell += text.slice(at, quote)
    if (text[quote + 1] !== '"') return { text: cell, end: quote + 1 }
    cell += '"'
    at = quote + 2
  }
}
