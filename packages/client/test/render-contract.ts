/**
 * `npm run generate -w @qunhub/client`: writes src/contract.ts, everything that the client says of the wire, from the wire
 * itself: plain types with the wire's own words as their comments, and the little that a call has to know when it runs.
 * What is published needs neither @qunhub/wire nor zod, and an endpoint or a callback that wire gains is there by one run.
 */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { callbacks, type Endpoint, endpoints } from '@qunhub/wire'
import { z } from 'zod'

export const CONTRACT_FILE = resolve(import.meta.dirname, '../src/contract.ts')

type Schema = z.core.JSONSchema.JSONSchema
type Named = Record<string, Schema>

/** What each envelope says besides the answer itself (G-3). */
const ENVELOPE = ['code', 'message', 'errcode', 'errmsg']
/** AM-25: what a waiting call may say besides. */
const SEEN: Schema = {
  type: 'boolean',
  description: '已确认成员在群内 (AM-25) / the member was seen in the room',
}
/** A query has no numbers, only digits; callers have numbers. */
const DIGITS = '^\\d*$'

/** The text of src/contract.ts as the wire is now. */
export function renderContract(): string {
  const named: Named = {}
  const requests = endpoints.map(endpoint => requestType(endpoint, named))
  const replies = endpoints.map(endpoint => replyType(endpoint, named))
  const refusals = endpoints.map(refusalType)
  const calls = Object.entries(Object.groupBy(endpoints as readonly Endpoint[], nounOf)).map(([noun, own]) =>
    callsType(noun, own!),
  )
  const bodies = callbacks.map(({ kind, summary, body }) => {
    const type = typeOf(described(body, 'output', named))
    return `${comment(summary)}  '${kind}': ${type}\n`
  })
  const models = Object.entries(named).map(
    ([name, schema]) => `${comment(schema.description, '')}export interface ${name} ${objectType(schema)}\n`,
  )
  return `${[
    '// Written from @qunhub/wire by `npm run generate -w @qunhub/client`, and held to it by a test: change wire, not this.',
    "import type { Answer, CallOptions, Keyed, Waiting } from './calls/answer.ts'\n",
    '/** Nothing can be asked for in particular. */\nexport type Nothing = Readonly<Record<string, never>>\n',
    ...requests,
    ...replies,
    ...refusals,
    ...calls,
    `/** Whatever can be called, by the noun of its path. */\nexport interface Calls {\n${calls.map((_, at) => `  readonly ${nouns()[at]}: ${capital(nouns()[at]!)}Calls\n`).join('')}}\n`,
    `/** The body of each kind of callback. */\nexport interface CallbackBodies {\n${bodies.join('')}}\n`,
    ...models,
    '/** What a call has to know of its endpoint: the words of its refusals, and what of it may be asked twice. */',
    `export const endpoints = {\n${endpoints.map(endpointFacts).join('')}} as const\n`,
  ].join('\n')}`
}

const nouns = () => Object.keys(Object.groupBy(endpoints as readonly Endpoint[], nounOf))
const nounOf = ({ path }: Endpoint): string => path.split('/')[1]!
const verbOf = ({ path }: Endpoint): string => path.split('/')[2]!
const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1)
/** `/room/addMember` → `RoomAddMember`. */
const nameOf = (endpoint: Endpoint): string => capital(nounOf(endpoint)) + capital(verbOf(endpoint))
const hasHeader = (headers: Endpoint['requestHeaders'], name: string): boolean =>
  headers?.some(header => header.name === name) ?? false

function requestType(endpoint: Endpoint, named: Named): string {
  const schema = described(endpoint.request, 'input', named)
  const { token: _, ...properties } = schema.properties!
  const name = `${nameOf(endpoint)}Request`
  const type = objectType({ ...schema, properties })
  const declared =
    Object.keys(properties).length === 0 ? `type ${name} = Nothing` : `interface ${name} ${type}`
  return `${comment(`${endpoint.summary} (${endpoint.method} ${endpoint.path})`, '')}export ${declared}\n`
}

/** What is told when it was carried out: the envelope is off, and what only refusals leave out is there. */
function replyType(endpoint: Endpoint, named: Named): string {
  const { properties = {} } = described(endpoint.reply, 'output', named)
  const facts = Object.entries(properties).filter(([key]) => !ENVELOPE.includes(key))
  if (hasHeader(endpoint.responseHeaders, 'Preference-Applied')) facts.push(['seen', SEEN])
  const type = objectType({ properties: Object.fromEntries(facts), required: facts.map(([key]) => key) })
  const name = `${nameOf(endpoint)}Reply`
  return facts.length === 0
    ? `export type ${name} = object\n`
    : `/** ${endpoint.path} was carried out. */\nexport interface ${name} ${type}\n`
}

const refusalType = (endpoint: Endpoint): string =>
  `export type ${nameOf(endpoint)}Refusal =\n${Object.keys(endpoint.refusals)
    .map(word => `  | '${word}'\n`)
    .join('')}`

function callsType(noun: string, own: readonly Endpoint[]): string {
  const methods = own.map(endpoint => {
    const optional = (described(endpoint.request, 'input', {}).required ?? []).every(key => key === 'token')
    const options = ['CallOptions']
    if (hasHeader(endpoint.requestHeaders, 'Idempotency-Key')) options.push('Keyed')
    if (hasHeader(endpoint.requestHeaders, 'Prefer')) options.push('Waiting')
    return [
      comment(`${endpoint.summary} (${endpoint.method} ${endpoint.path})`),
      `  ${verbOf(endpoint)}(\n    ask${optional ? '?' : ''}: ${nameOf(endpoint)}Request,\n    options?: ${options.join(' & ')},\n`,
      `  ): Promise<Answer<${nameOf(endpoint)}Reply, ${nameOf(endpoint)}Refusal>>\n`,
    ].join('')
  })
  return `export interface ${capital(noun)}Calls {\n${methods.join('')}}\n`
}

/** As JSON Schema; schemas with a name go to `named`, and a schema that is nothing but a name is resolved. */
function described(schema: z.ZodType, io: 'input' | 'output', named: Named): Schema {
  const { $defs = {}, ...own } = z.toJSONSchema(schema, { io, reused: 'inline', unrepresentable: 'any' })
  const isEnvelope = (name: string) => own.$ref === `#/$defs/${name}` && name === 'CodeReply'
  for (const [name, def] of Object.entries($defs)) if (!isEnvelope(name)) named[name] = def as Schema
  return own.$ref === '#/$defs/CodeReply' ? ($defs['CodeReply'] as Schema) : own
}

function typeOf(schema: Schema, indent = ''): string {
  if (schema.$ref) return schema.$ref.split('/').at(-1)!
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map(value => JSON.stringify(value)).join(' | ')
  const either = schema.anyOf ?? schema.oneOf
  if (either) return union(either.map(one => typeOf(one as Schema, indent)))
  if (Array.isArray(schema.type)) return union(schema.type.map(type => typeOf({ ...schema, type } as Schema)))
  switch (schema.type) {
    case 'string':
      return schema.pattern === DIGITS ? 'number' : 'string'
    case 'integer':
    case 'number':
      return 'number'
    case 'boolean':
    case 'null':
      return schema.type
    case 'array':
      return `readonly ${bracketed(typeOf(schema.items as Schema, indent))}[]`
    case 'object':
      return objectType(schema, indent)
    default:
      throw new Error(`no type for ${JSON.stringify(schema)}`)
  }
}

/** A literal text beside `string` adds nothing. */
function union(types: readonly string[]): string {
  const wide = types.includes('string') ? types.filter(type => !type.startsWith('"')) : types
  return [...new Set(wide)].join(' | ')
}

const bracketed = (type: string): string => (type.includes(' ') ? `(${type})` : type)

function objectType({ properties = {}, required = [] }: Schema, indent = ''): string {
  const lines = Object.entries(properties).map(([key, schema]) => {
    const isRequired = required.includes(key)
    const type = typeOf(schema as Schema, `${indent}  `)
    return `${comment((schema as Schema).description, `${indent}  `)}${indent}  readonly ${key}${isRequired ? '' : '?'}: ${type}${isRequired ? '' : ' | undefined'}\n`
  })
  return `{\n${lines.join('')}${indent}}`
}

const comment = (words: string | undefined, indent = '  '): string =>
  words === undefined ? '' : `${indent}/** ${words.replaceAll('*/', '* /')} */\n`

/** Where two words share a number, their messages tell them apart; the last one is the page's own. */
function endpointFacts(endpoint: Endpoint): string {
  const words = Object.entries(endpoint.refusals)
  const isShared = (code: number) => words.filter(([, own]) => own.code === code).length > 1
  const refusals = words.map(([word, { code, message }]) =>
    isShared(code) ? `      '${word}': [${code}, '${message}'],\n` : `      '${word}': ${code},\n`,
  )
  const isKeyed = hasHeader(endpoint.requestHeaders, 'Idempotency-Key')
  return [
    `  '${endpoint.path.slice(1)}': {\n    method: '${endpoint.method}',\n`,
    isKeyed ? '    keyed: true,\n' : '',
    hasHeader(endpoint.responseHeaders, 'Preference-Applied') ? '    waits: true,\n' : '',
    `    refusals: {\n${refusals.join('')}    },\n  },\n`,
  ].join('')
}

if (process.argv[1] === import.meta.filename) writeFileSync(CONTRACT_FILE, renderContract())
