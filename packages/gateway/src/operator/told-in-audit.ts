/**
 * What is written down of what a verb was about: of each verb the fields that are listed here and no others. `asked` are those of
 * its input, `done` those of its answer, which it has where it was done. Never a secret, nor a field in which somebody may have
 * typed one by mistake: the token in the place of its id. Which workspace it was stands in the entry itself.
 */
import { operatorVerbs, type VerbInput, type VerbName, type VerbOutput } from '@qunhub/wire'

type Told = {
  readonly [N in VerbName]?: {
    readonly asked?: readonly (keyof VerbInput<N> & string)[]
    readonly done?: readonly (keyof VerbOutput<N> & string)[]
  }
}

/** By what the chats are found that a tag is put on, or taken off. */
const OF_ALL = ['tag', 'bot', 'search', 'having', 'external', 'topic', 'dryRun'] as const

/** Those that change something and are not here are about their workspace, and nothing else. */
export const TOLD: Told = {
  'add-workspace': { asked: ['name'], done: ['id'] },
  'set-workspace': {
    asked: Object.keys(operatorVerbs['set-workspace'].input.shape).filter(
      name => name !== 'workspace',
    ) as (keyof VerbInput<'set-workspace'>)[],
  },
  'issue-token': { asked: ['label', 'realm'], done: ['id'] },
  'revoke-token': { done: ['id'] },
  'add-bot': { asked: ['endpoint', 'discovery', 'userId', 'tls'], done: ['id'] },
  'set-bot': { asked: ['bot', 'endpoint', 'discovery', 'userId', 'tls'], done: ['id'] },
  'try-puppet': { asked: ['bot', 'endpoint', 'discovery', 'tls'] },
  'remove-bot': { asked: ['bot'], done: ['id'] },
  'accept-account': { asked: ['bot', 'account'], done: ['id'] },
  'verify-bot': { asked: ['bot'], done: ['id'] },
  'logout-bot': { asked: ['bot'], done: ['id'] },
  'sync-bot': { asked: ['bot'], done: ['id'] },
  'sync-room': { asked: ['bot', 'room'], done: ['id'] },
  'exit-room': { asked: ['bot', 'room'], done: ['id'] },
  'add-tag': { asked: ['name'], done: ['id'] },
  'rename-tag': { asked: ['tag', 'name'], done: ['id'] },
  'remove-tag': { asked: ['tag'], done: ['id'] },
  'assign-tag': { asked: ['tag', 'chats'] },
  'unassign-tag': { asked: ['tag', 'chats'] },
  'assign-tag-to-all': { asked: [...OF_ALL], done: ['changed'] },
  'unassign-tag-from-all': { asked: [...OF_ALL], done: ['changed'] },
  'set-callback-url': { done: ['url', 'header', 'formerHeader'] },
  'set-callback-header': { done: ['header'] },
  'rotate-callback-secret': { asked: ['overlapHours'] },
  'replay-callbacks': { asked: ['ids', 'state', 'kind', 'room'] },
  'start-replay': {
    asked: ['state', 'kind', 'room', 'bot', 'status', 'from', 'until', 'dryRun'],
    done: ['replay'],
  },
  'steer-replay': { asked: ['to'], done: ['id'] },
  'import-contacts': { asked: ['dryRun'] },
  'resolve-contacts': { asked: ['limit'] },
  'add-person': { asked: ['name', 'role'], done: ['person'] },
  'set-role': { asked: ['person', 'role'], done: ['id'] },
  'remove-person': { asked: ['person'], done: ['id'] },
  'issue-setup-code': { asked: ['person'] },
  'try-request': { asked: ['endpoint', 'body'], done: ['code', 'requestId'] },
  'simulate-join': { asked: ['room', 'contact'] },
  'simulate-leave': { asked: ['room', 'contact'] },
  'simulate-card': { asked: ['card', 'answer'], done: ['room'] },
  'simulate-crowd': { asked: ['room', 'members'] },
  'simulate-message': { asked: ['room', 'from'] },
  'simulate-account': { asked: ['account', 'to'] },
  'simulate-fault': { asked: ['fault', 'times'] },
}

type Facts = Readonly<Record<string, unknown>>

export function toldInAudit(
  verb: VerbName,
  input: Facts,
): { about: Facts; ofValue: (value: unknown) => Facts } {
  const { asked = [], done = [] }: { asked?: readonly string[]; done?: readonly string[] } = TOLD[verb] ?? {}
  return { about: chosen(input, asked), ofValue: value => chosen(value as Facts, done) }
}

const chosen = (from: Facts, fields: readonly string[]): Facts =>
  Object.fromEntries(
    fields.flatMap(field => (from[field] === undefined ? [] : [[field, plain(field, from[field])]])),
  )

/** Whom and what a request to the API names; what else is typed there is nobody's concern, or secret. */
const IDS = ['botUserId', 'wecomUserId', 'roomWxid', 'contactWxid', 'mhTagId', 'wxids']

function idsIn(body: string): Facts {
  try {
    const fields: Facts = Object(JSON.parse(body))
    return Object.fromEntries(IDS.flatMap(id => (fields[id] === undefined ? [] : [[id, fields[id]]])))
  } catch (failure) {
    if (failure instanceof SyntaxError) return {}
    throw failure
  }
}

/** A record is told by its id, a URL without its query: a key may stand there. */
function plain(field: string, value: unknown): unknown {
  if (field === 'body') return idsIn(String(value))
  if (value !== null && typeof value === 'object' && 'id' in value) return value.id
  return field === 'url' ? withoutQuery(String(value)) : value
}

function withoutQuery(text: string): string {
  const { origin, pathname } = new URL(text)
  return origin + pathname
}
