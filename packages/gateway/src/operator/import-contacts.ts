import type { ContactLine } from '@qunhub/wire'
import { done } from '../model/result.ts'
import { importContacts as keep, type ImportedIds } from '../store/import-contacts.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/**
 * What the protocol does not tell of contacts, and the customer knows from elsewhere. Each line stands for itself: one that
 * cannot be taken keeps no other one back. A dry run says what would become of each, and changes nothing.
 */
export const importContacts: Verb<'import-contacts'> = async ({ workspace, lines, dryRun }, { db }) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  return done({ lines: await keep(db, chosen.value.id, lines.map(toIds), { dryRun }) })
}

const UNION_ID = /^o[A-Za-z0-9_-]{27}$/
const EXTERNAL_USER_ID = /^(wm|wo)[A-Za-z0-9_-]{30}$/

/** Null when the line names nobody, says nothing of him, or holds what cannot be such an id. */
function toIds(line: ContactLine): ImportedIds | null {
  const wxid = given(line.wxid)
  const externalUserId = given(line.externalUserId)
  const unionId = given(line.unionId)
  const isNamed = wxid !== null || externalUserId !== null
  const isSaid = unionId !== null || (wxid !== null && externalUserId !== null)
  const isFormed =
    (unionId === null || UNION_ID.test(unionId)) &&
    (externalUserId === null || EXTERNAL_USER_ID.test(externalUserId))
  return isNamed && isSaid && isFormed ? { wxid, externalUserId, unionId } : null
}

/** Whoever exports a table may put blanks around what he exports. */
const given = (field: string | undefined): string | null => field?.trim() || null
