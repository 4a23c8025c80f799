import type { CellProblem, ContactLine } from '@qunhub/wire'
import { done } from '../model/result.ts'
import { type ImportedIds, importContacts as keep } from '../store/import-contacts.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/**
 * What the protocol does not tell of contacts, and the customer knows from elsewhere. Each line stands for itself: one that
 * cannot be taken keeps no other one back. A dry run says what would become of each, and changes nothing.
 */
export const importContacts: Verb<'import-contacts'> = async ({ workspace, lines, dryRun }, { db }) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  const read = lines.map(toIds)
  const told = await keep(
    db,
    chosen.value.id,
    read.map(line => ('problems' in line ? null : line)),
    { dryRun },
  )
  return done({ lines: told.map((line, at) => ({ ...line, ...problemsOf(read[at]!) })) })
}

interface Malformed {
  readonly problems: CellProblem[]
}

const problemsOf = (line: ImportedIds | Malformed): Partial<Malformed> =>
  'problems' in line ? { problems: line.problems } : {}

const UNION_ID = /^o[A-Za-z0-9_-]{27}$/
const EXTERNAL_USER_ID = /^(wm|wo)[A-Za-z0-9_-]{30}$/

/** Malformed where the line names nobody, says nothing of him, or holds what cannot be such an id. */
function toIds(line: ContactLine): ImportedIds | Malformed {
  const wxid = given(line.wxid)
  const externalUserId = given(line.externalUserId)
  const unionId = given(line.unionId)
  const isNamed = wxid !== null || externalUserId !== null
  const isSaid = unionId !== null || (wxid !== null && externalUserId !== null)

  const problems: CellProblem[] = []
  const complain = (field: CellProblem['field'], message: string) => problems.push({ field, message })
  if (!isNamed) complain('wxid', '须给出 wxid 或 externalUserId (expected wxid or externalUserId, as text)')
  if (externalUserId !== null && !EXTERNAL_USER_ID.test(externalUserId))
    complain(
      'externalUserId',
      '应为 wm 或 wo 开头的 32 个字符 (expected wm or wo and 30 letters, digits, _ or -)',
    )
  if (unionId !== null && !UNION_ID.test(unionId))
    complain('unionId', '应为 o 开头的 28 个字符 (expected o and 27 letters, digits, _ or -)')
  if (!isSaid)
    complain(
      'unionId',
      '须给出 unionId, 或同时给出 wxid 与 externalUserId (expected unionId, or both wxid and externalUserId, as text)',
    )
  return problems.length > 0 ? { problems } : { wxid, externalUserId, unionId }
}

/** Whoever exports a table may put blanks around what he exports. */
const given = (field: string | undefined): string | null => field?.trim() || null
