/** A file of contacts as people and programs make it: for the command line and for the console alike. */
import { type BothLanguages, inBoth } from '../complaint.ts'
import { CellProblem, ContactLine, ID_CHARACTERS_MAX } from '../console/rooms/contact.ts'
import { findContradictions } from './contradicting-lines.ts'
import { decodeTable, isWorkbook } from './decode-table.ts'
import { idInCell, isRounded } from './excel-cells.ts'
import { DELIMITERS, readCsv } from './read-csv.ts'

/** Some hundred thousand lines; whoever has more splits the file. */
const CONTACT_FILE_BYTES_MAX = 32 * 1024 * 1024

/** It is no list of contacts: why, and what to do about it. */
export class NoContacts extends Error {
  override name = 'NoContacts'
  readonly why: BothLanguages
  constructor(chinese: string, english: string, cause?: unknown) {
    super(inBoth({ chinese, english }), { cause })
    this.why = { chinese, english }
  }
}

/** What programs call the columns, whatever letters they use and whatever stands between the words. */
const COLUMNS: Readonly<Record<string, Column>> = {
  wxid: 'wxid',
  externaluserid: 'externalUserId',
  unionid: 'unionId',
}
type Column = keyof ContactLine
const columnOf = (name: string): Column | undefined =>
  COLUMNS[
    idInCell(name)
      .toLowerCase()
      .replaceAll(/[\s_-]/g, '')
  ]

/** A line of the file with its number, as an editor counts them; in JSON the position in the list, from 1. */
export type NumberedLine = { readonly line: number } & ReadLine

type ReadLine =
  | { readonly contact: ContactLine }
  /** Cells that cannot be an id, or a line that is none. */
  | { readonly contact: null; readonly problems: LineProblem[]; readonly outcome: 'malformed' | 'conflict' }

/** What is wrong with a cell, or with the line as a whole. */
export interface LineProblem {
  readonly field: CellProblem['field'] | 'line'
  readonly message: string
}

/**
 * Reads CSV with a header (UTF-8, UTF-16 or GB18030, with commas, semicolons or tabs) or, when it begins with `[` or `{`, a JSON list of
 * objects. Columns that mean nothing to us are passed over. Throws {@link NoContacts}.
 */
export function readContacts(bytes: Uint8Array): NumberedLine[] {
  requireNotTooLarge(bytes.length)
  if (isWorkbook(bytes))
    throw new NoContacts(
      '是 Excel 工作簿, 请另存为 CSV UTF-8',
      'it is a workbook of Excel: save it as CSV UTF-8',
    )
  const text = decodeTable(bytes)
  if (text === undefined)
    throw new NoContacts('不是文本, 请另存为 CSV UTF-8', 'it is no text: save it as CSV UTF-8')
  const lines = /^\s*[[{]/.test(text) ? fromJson(text) : fromCsv(text)
  if (lines.length === 0) throw new NoContacts('没有任何联系人', 'it holds no contact')
  return withContradictions(lines)
}

/** Before a file is read, too: one that is too large is not read to be refused. Throws {@link NoContacts}. */
export function requireNotTooLarge(bytes: number): void {
  if (bytes > CONTACT_FILE_BYTES_MAX)
    throw new NoContacts('大于 32 MiB, 请拆分', 'it is over 32 MiB: split it')
}

function fromCsv(text: string): NumberedLine[] {
  const { header, delimiter, records } = readCsv(text, name => columnOf(name) !== undefined)
  requireColumns(header.map(columnOf))
  return records.map(({ line, cells }) => ({ line, ...toCsvLine(header, cells, delimiter) }))
}

function toCsvLine(header: readonly string[], cells: readonly string[] | null, delimiter: string): ReadLine {
  if (cells === null) return malformed('line', UNCLOSED)
  const more = cells.slice(header.length)
  // Somebody wrote the delimiter into a name, and everything behind it stands in the wrong column.
  if (more.some(cell => cell.trim() !== ''))
    return malformed('line', tooManyCells(cells.length, header.length))
  const other = DELIMITERS.find(each => each !== delimiter && cells[0]!.includes(each))
  if (cells.length === 1 && header.length > 1 && other !== undefined)
    return malformed('line', otherDelimiter(delimiter))
  return toLine(header.map((name, at) => [name, cells[at]]))
}

function fromJson(text: string): NumberedLine[] {
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch (cause) {
    // One object a line, perhaps.
    if (text.trimStart().startsWith('{')) throw new NoContacts(...NO_LIST, cause)
    throw new NoContacts('不是合格的 JSON', 'it is no proper JSON', cause)
  }
  if (!Array.isArray(list)) throw new NoContacts(...NO_LIST)
  const entries = list.map((entry: unknown) =>
    Object.entries(typeof entry === 'object' && entry !== null ? entry : {}),
  )
  const names = entries.flatMap(entry => entry.map(([name]) => columnOf(name)))
  if (entries.length > 0) requireColumns(names, NO_FIELDS)
  return entries.map((entry, at) => ({ line: at + 1, ...toLine(entry) }))
}

const NO_LIST = [
  'JSON 应为数组: [{"wxid": "…", "unionId": "…"}, …]',
  'expected a JSON list: [{"wxid": "…", "unionId": "…"}, …]',
] as const
const NO_FIELDS = [
  '缺少字段: 每一项须有 wxid 或 externalUserId',
  'fields are missing: wxid or externalUserId must be in each entry',
] as const
const NO_COLUMNS = [
  '缺少列: 第一行应为列名, 须有 wxid 或 externalUserId, 以逗号、分号或制表符分隔',
  'columns are missing: the first line names them, wxid or externalUserId must be among them, and commas, semicolons or tabs stand between them',
] as const

function requireColumns(
  names: readonly (Column | undefined)[],
  [chinese, english]: readonly [string, string] = NO_COLUMNS,
): void {
  if (!names.includes('wxid') && !names.includes('externalUserId')) throw new NoContacts(chinese, english)
}

/**
 * Held against the schema line by line: the gateway would refuse all lines of a request for one that is malformed. Of two columns
 * of one meaning the one that is filled counts; two values are none.
 */
function toLine(cells: readonly (readonly [name: string, cell: unknown])[]): ReadLine {
  const said: Partial<Record<Column, string>> = {}
  const names: Partial<Record<Column, string>> = {}
  const problems = new Map<Column, string>()
  for (const [name, cell] of cells) {
    const column = columnOf(name)
    if (!column || typeof cell !== 'string') continue
    const id = idInCell(cell)
    const before = said[column]
    if (before && id && before !== id) problems.set(column, twoValues(names[column]!, name))
    if (before) continue
    said[column] = id
    names[column] = name
    if (isRounded(id)) problems.set(column, ROUNDED)
  }
  const read = ContactLine.safeParse(said)
  if (read.success && problems.size === 0) return { contact: read.data }
  for (const issue of read.error?.issues.toReversed() ?? [])
    problems.set(issue.path[0] as Column, issue.code === 'too_big' ? TOO_LONG : UNCLEAN)
  return {
    contact: null,
    outcome: 'malformed',
    problems: CellProblem.shape.field.options.flatMap(field => {
      const message = problems.get(field)
      return message === undefined ? [] : [{ field, message }]
    }),
  }
}

/** Lines that speak of one person and contradict one another are in conflict, all of them. */
function withContradictions(lines: readonly NumberedLine[]): NumberedLine[] {
  const found = findContradictions(lines)
  return lines.map((read, at) => {
    const against = found.get(at)
    if (!against) return read
    const problems = [{ field: against.field, message: otherwise(against.line) }]
    return { line: read.line, contact: null, outcome: 'conflict', problems }
  })
}

const malformed = (field: LineProblem['field'], message: string): ReadLine => ({
  contact: null,
  outcome: 'malformed',
  problems: [{ field, message }],
})

const TOO_LONG = `最多 ${ID_CHARACTERS_MAX} 个字符 (expected at most ${ID_CHARACTERS_MAX} characters)`
const UNCLEAN = '不得含 NUL 或半个字符 (expected text without NUL and lone surrogates)'
const UNCLOSED =
  '引号没有成对, 或其后还有文字: 单元格内的引号须写两遍 (a quote is not closed, or something follows it; expected quotes in a cell to be doubled)'
const ROUNDED =
  '已被表格软件改为数字, 末尾几位丢失: 请把该列设为文本后重新导出 (a spreadsheet made it a number and its last digits are lost; expected text: format the column as text and export again)'
const tooManyCells = (given: number, expected: number): string =>
  `有 ${given} 格, 应为 ${expected} 格: 含分隔符的单元格须加引号 (expected ${expected} cells, given ${given}; a cell with the delimiter in it needs quotes)`
const otherDelimiter = (delimiter: string): string => {
  const shown = delimiter === '\t' ? 'TAB' : delimiter
  return `分隔符与第一行不同, 应为 ${shown} (expected the delimiter of the first line: ${shown})`
}
const twoValues = (first: string, second: string): string =>
  `${plain(first)} 与 ${plain(second)} 两列的值不同 (the columns ${plain(first)} and ${plain(second)} mean the same; expected one value)`
const otherwise = (line: number): string =>
  `与第 ${line} 行说的是同一人, 值却不同 (line ${line} says otherwise of the same person)`
/** A name of a column is whatever stands in the file. */
const plain = (name: string): string => name.trim().replaceAll(/\p{Cc}/gu, '\uFFFD')
