import { readFile, stat } from 'node:fs/promises'
import { CellProblem, ContactLine, ID_CHARACTERS_MAX } from '@qunhub/wire'
import { CsvError, parse } from 'csv-parse/sync'

/** Some hundred thousand lines; whoever has more splits the file. */
const FILE_BYTES_MAX = 32 * 1024 * 1024

/** The file cannot be read as a list of contacts; the message says why, in words for the operator. */
export class ContactFileUnreadable extends Error {
  override name = 'ContactFileUnreadable'
}

/** What programs call the columns. */
const COLUMNS: Readonly<Record<string, keyof ContactLine>> = {
  wxid: 'wxid',
  externaluserid: 'externalUserId',
  external_userid: 'externalUserId',
  external_user_id: 'externalUserId',
  unionid: 'unionId',
  union_id: 'unionId',
}

/** A line of the file with its number, as an editor counts them; in JSON the place in the list, from 1. */
export type NumberedLine = { readonly line: number } & ReadLine

type ReadLine =
  | { readonly contact: ContactLine }
  /** Cells that cannot be an id: too long, or with a NUL or half a character in it. */
  | { readonly contact: null; readonly problems: CellProblem[] }

/**
 * Reads CSV with a header (UTF-8, with or without a byte order mark) or, when it begins with `[`, a JSON list of objects. Columns
 * that mean nothing to us are passed over. Rejects with {@link ContactFileUnreadable}.
 */
export async function readContactFile(path: string): Promise<NumberedLine[]> {
  const text = decode(path, await readWhole(path)).replace(/^\uFEFF/, '')
  const lines = /^\s*\[/.test(text) ? fromJson(path, text) : fromCsv(path, text)
  if (lines.length === 0) throw unreadable(path, '没有任何联系人', 'it holds no contact')
  return lines
}

async function readWhole(path: string): Promise<Buffer> {
  try {
    if ((await stat(path)).size > FILE_BYTES_MAX)
      throw unreadable(path, '大于 32 MiB, 请拆分', 'it is over 32 MiB: split it')
    return await readFile(path)
  } catch (cause) {
    if (cause instanceof ContactFileUnreadable) throw cause
    const { code } = cause as NodeJS.ErrnoException
    throw unreadable(path, `无法读取 (${code})`, `it cannot be read (${code})`, cause)
  }
}

function decode(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw unreadable(
      path,
      '不是 UTF-8, 请另存为 UTF-8 CSV (常见于 GBK)',
      'it is not UTF-8 (GBK, perhaps): save it as UTF-8',
      cause,
    )
  }
}

function fromCsv(path: string, text: string): NumberedLine[] {
  let names: (keyof ContactLine | undefined)[] = []
  try {
    const rows = parse(text, {
      columns: (header: string[]) => {
        names = header.map(name => COLUMNS[name.trim().toLowerCase()])
        return header.map((_, place) => String(place))
      },
      info: true,
      skip_empty_lines: true,
      relax_column_count: true,
    }) as unknown as { record: Record<string, string>; info: { lines: number } }[]
    requireColumns(path, names)
    return rows.map(({ record, info }) => ({
      line: info.lines,
      ...toLine(names.map((name, place) => [name, record[place]])),
    }))
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause
    throw unreadable(path, `不是合格的 CSV: ${cause.message}`, `it is no proper CSV: ${cause.message}`, cause)
  }
}

function fromJson(path: string, text: string): NumberedLine[] {
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch (cause) {
    throw unreadable(path, '不是合格的 JSON', 'it is no proper JSON', cause)
  }
  const entries = (Array.isArray(list) ? list : []).map(entry =>
    Object.entries(typeof entry === 'object' && entry !== null ? entry : {}).map(
      ([name, value]) => [COLUMNS[name.trim().toLowerCase()], value] as const,
    ),
  )
  if (entries.length > 0)
    requireColumns(
      path,
      entries.flatMap(entry => entry.map(([name]) => name)),
    )
  return entries.map((entry, place) => ({ line: place + 1, ...toLine(entry) }))
}

function requireColumns(path: string, names: readonly (keyof ContactLine | undefined)[]): void {
  if (names.includes('wxid') || names.includes('externalUserId')) return
  throw unreadable(
    path,
    '缺少列: 第一行应为列名, 须有 wxid 或 externalUserId',
    'columns are missing: the first line names them, and wxid or externalUserId must be among them',
  )
}

/** Held against the schema line by line: the gateway would refuse all lines of a request for one that is malformed. */
function toLine(cells: readonly (readonly [keyof ContactLine | undefined, unknown])[]): ReadLine {
  const said = cells.flatMap(([name, cell]) =>
    name && typeof cell === 'string' ? [[name, cell.trim()]] : [],
  )
  const read = ContactLine.safeParse(Object.fromEntries(said))
  if (read.success) return { contact: read.data }
  const issueOfField = new Map(read.error.issues.toReversed().map(issue => [issue.path[0], issue]))
  const problems = CellProblem.shape.field.options.flatMap(field => {
    const issue = issueOfField.get(field)
    return issue ? [{ field, message: issue.code === 'too_big' ? TOO_LONG : UNCLEAN }] : []
  })
  return { contact: null, problems }
}

const TOO_LONG = `最多 ${ID_CHARACTERS_MAX} 个字符 (expected at most ${ID_CHARACTERS_MAX} characters)`
const UNCLEAN = '不得含 NUL 或半个字符 (expected text without NUL and lone surrogates)'

const unreadable = (path: string, chinese: string, english: string, cause?: unknown): ContactFileUnreadable =>
  new ContactFileUnreadable(`${path}: ${chinese} / ${path}: ${english}`, { cause })
