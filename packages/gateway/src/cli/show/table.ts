import { columnWidth, cutToColumns, foldToColumns, plainText, widestPiece } from './column-width.ts'

const CELL_COLUMNS_MAX = 60
const GAP = '  '

/** Columns of a table: what stands above, and what of a row stands below. */
export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => string | number
  /** Ids, URLs and secrets are copied from the screen: they are never cut, and folded where there is a space only. */
  readonly whole?: boolean
}

/**
 * A table for people: columns line up whatever the script, and strangers' text cannot move the cursor. Where it is wider than the
 * terminal the widest columns are folded, never through an id; where even that is too wide, each row becomes facts, line by line.
 */
export function renderTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  terminal = Number.POSITIVE_INFINITY,
): string {
  const titles = columns.map(column => column.title)
  const cells = rows.map(row => columns.map(column => renderCell(row, column)))
  const widths = fitColumns(
    titles.map((title, at) => [title, ...cells.map(row => row[at]!)]),
    terminal,
  )
  if (widths === null) return cells.map(row => renderFacts(zip(titles, row), terminal)).join('\n\n')
  const table = [titles, ...cells].flatMap(line => foldRow(line, widths))
  return (rows.length > 0 ? table : [...table, '(无 / none)']).join('\n')
}

const zip = (titles: readonly string[], row: readonly string[]) =>
  titles.map((title, at) => [title, row[at]!] as const)

/** Narrower, a column is a tower that nobody reads. */
const FOLDED_COLUMNS_MIN = 10

/** How wide each column may be; null where they do not fit, however they are folded. */
function fitColumns(columns: readonly (readonly string[])[], terminal: number): number[] | null {
  const widths = columns.map(column => Math.max(...column.map(columnWidth)))
  const room = terminal - GAP.length * (columns.length - 1)
  const taken = () => widths.reduce((sum, width) => sum + width, 0)
  if (taken() <= room) return widths
  const least = columns.map((column, at) =>
    Math.max(Math.min(widths[at]!, FOLDED_COLUMNS_MIN), ...column.map(widestPiece)),
  )
  while (taken() > room) {
    const spare = widths.map((width, at) => (width > least[at]! ? width : 0))
    const widest = spare.indexOf(Math.max(...spare))
    if (spare[widest] === 0) return null
    widths[widest]! -= 1
  }
  return widths
}

/** As many lines as its longest cell needs. */
function foldRow(row: readonly string[], widths: readonly number[]): string[] {
  const folded = row.map((cell, at) => foldToColumns(cell, widths[at]!))
  const height = Math.max(1, ...folded.map(lines => lines.length))
  return Array.from({ length: height }, (_, line) =>
    folded
      .map((lines, at) => padTo(lines[line] ?? '', widths[at]!))
      .join(GAP)
      .trimEnd(),
  )
}

/** Beside the names there is at least so much room for values, or else they stand below. */
const VALUE_COLUMNS_MIN = 24

/** One thing, a fact a line; folded to the terminal. */
export function renderFacts(
  facts: readonly (readonly [name: string, value: string | number])[],
  terminal = Number.POSITIVE_INFINITY,
): string {
  const width = Math.max(...facts.map(([name]) => columnWidth(name)))
  const room = terminal - width - GAP.length
  return facts.flatMap(([name, value]) => factLines(name, plainText(String(value)), width, room)).join('\n')
}

function factLines(name: string, value: string, width: number, room: number): string[] {
  const isBelow = room < VALUE_COLUMNS_MIN && columnWidth(value) > room
  const indent = isBelow ? GAP : ' '.repeat(width) + GAP
  const [first = '', ...others] = foldToColumns(value, isBelow ? room + width : room)
  const lines = isBelow ? [name, GAP + first] : [padTo(name, width) + GAP + first]
  return [...lines, ...others.map(line => indent + line)].map(line => line.trimEnd())
}

function renderCell<Row>(row: Row, column: Column<Row>): string {
  const text = plainText(String(column.cell(row)))
  return column.whole ? text : cutToColumns(text, CELL_COLUMNS_MAX)
}

const padTo = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - columnWidth(text)))
