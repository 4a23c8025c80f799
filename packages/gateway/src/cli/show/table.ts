import { columnWidth, cutToColumns, plainText } from './column-width.ts'

const CELL_COLUMNS_MAX = 60
const GAP = '  '

/** Columns of a table: what stands above, and what of a row stands below. */
export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => string | number
  /** Ids, URLs and secrets are copied from the screen: they are never cut. */
  readonly whole?: boolean
}

/** A table for people: columns line up whatever the script, and strangers' text cannot move the cursor. */
export function renderTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const lines = [
    columns.map(column => column.title),
    ...rows.map(row => columns.map(column => renderCell(row, column))),
  ]
  const widths = columns.map((_, at) => Math.max(...lines.map(line => columnWidth(line[at] ?? ''))))
  const table = lines.map(line =>
    line
      .map((cell, at) => padTo(cell, widths[at] ?? 0))
      .join(GAP)
      .trimEnd(),
  )
  return (rows.length > 0 ? table : [...table, '(无 / none)']).join('\n')
}

/** One thing, a fact a line. */
export function renderFacts(facts: readonly (readonly [name: string, value: string | number])[]): string {
  const width = Math.max(...facts.map(([name]) => columnWidth(name)))
  return facts
    .map(([name, value]) => `${padTo(name, width)}${GAP}${plainText(String(value))}`.trimEnd())
    .join('\n')
}

function renderCell<Row>(row: Row, column: Column<Row>): string {
  const text = plainText(String(column.cell(row)))
  return column.whole ? text : cutToColumns(text, CELL_COLUMNS_MAX)
}

const padTo = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - columnWidth(text)))
