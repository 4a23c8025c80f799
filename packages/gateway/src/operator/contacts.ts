import type { CellProblem, ContactLine, ContactRecord } from '@qunhub/wire'
import { WecomApiFailed } from '../contact/official-api.ts'
import { done, refuse } from '../model/result.ts'
import { membersOfName } from '../store/rooms/find-members.ts'
import { type ImportedIds, importContacts } from '../store/rooms/import-contacts.ts'
import { type KnownContact, listContacts } from '../store/rooms/list-contacts.ts'
import type { Verbs } from './verb.ts'

/** Whom the bots know, and by which ids. */
export const contactVerbs = {
  /** By wxid, with all ids side by side; page by page, or whoever goes by an id. */
  'list-contacts': async ({ name, ...which }, { db, workspace, bot }) => {
    const namesakes = name === undefined ? undefined : await membersOfName(db, workspace.id, name)
    const { contacts, next } = await listContacts(db, workspace.id, {
      ...which,
      ...(namesakes && { wxids: namesakes.map(({ wxid }) => wxid) }),
      ...(bot && { botId: bot.id }),
    })
    return done({ contacts: contacts.map(present), next })
  },

  /**
   * What the protocol does not tell of contacts, and the customer knows from elsewhere. Each line stands for itself: one that
   * cannot be taken keeps no other one back. A dry run says what would become of each, and changes nothing.
   */
  'import-contacts': async ({ lines, dryRun }, { db, workspace }) => {
    const read = lines.map(toIds)
    const whole = read.map(line => ('problems' in line ? null : line))
    const told = await importContacts(db, workspace.id, whole, { dryRun })
    return done({ lines: told.map((line, at) => ({ ...line, ...problemsOf(read[at]!) })) })
  },

  /** Asks WeCom now for the unionIds that are missing, instead of waiting for the gateway to come to them. */
  'resolve-contacts': async ({ limit }, { live, workspace }) => {
    if (!live) return refuse('gateway-not-running')
    if (!live.resolver) return refuse('wecom-unset')
    try {
      return done(await live.resolver.resolve(workspace.id, limit))
    } catch (failure) {
      if (!(failure instanceof WecomApiFailed)) throw failure
      return refuse('wecom-failed', failure.message)
    }
  },
} satisfies Verbs

const present = ({ botId, contact }: KnownContact): ContactRecord => ({
  botId,
  wxid: contact.wxid,
  name: contact.name,
  alias: contact.alias,
  userId: contact.coworker ? contact.handle : null,
  externalUserId: contact.coworker ? null : contact.handle,
  unionId: contact.unionId,
  isFriend: contact.isFriend,
  coworker: contact.coworker,
})

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
