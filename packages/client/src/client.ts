import type { EndpointFacts } from './calls/answer.ts'
import { type AnyOptions, type CallDeps, call, type EndpointPath, visible } from './calls/call.ts'
import { createPace, PAGE_PACE, type PaceRule } from './calls/pace.ts'
import { eachRow, type PagesOptions } from './calls/pages.ts'
import { RETRY_DEFAULT, type RetryRule } from './calls/retry.ts'
import { type Clock, systemClock } from './clock.ts'
import { type Calls, type ContactRow, endpoints, type RoomRow, type SimpleRoomRow } from './contract.ts'

export interface ClientOptions {
  /** `https://gateway.example.cn`, with the path prefix where there is one. */
  readonly baseUrl: string
  readonly token: string
  /** `page`: in the body and the query, for a server that knows the page and no headers. Queries end up in logs. */
  readonly tokenIn?: 'header' | 'page' | undefined
  /** How long one try may take. */
  readonly timeoutMs?: number | undefined
  readonly retry?: Partial<RetryRule> | undefined
  /** `true`: at most 500 calls in 30 s leave this client; the others wait in line. */
  readonly pace?: boolean | Partial<PaceRule> | undefined
  readonly fetch?: typeof fetch | undefined
  readonly clock?: Clock | undefined
  /** From 0 to 1: how the waits between tries are spread. */
  readonly random?: (() => number) | undefined
  /** Makes the Idempotency-Key of a call that was given none. */
  readonly newKey?: (() => string) | undefined
}

type Rows<Row> = AsyncGenerator<Row, void, undefined>

/** Lists of rooms, row by row. */
export interface Rooms {
  /** The chats that carry a tag. */
  byTag(mhTagId: string, options?: PagesOptions): Rows<RoomRow>
  /** Every chat of the workspace. */
  all(options?: PagesOptions): Rows<RoomRow>
  /** The same without their members, and with those that a bot has left. */
  simple(options?: PagesOptions): Rows<SimpleRoomRow>
}

export interface Contacts {
  /** Every contact of every bot. */
  all(options?: PagesOptions): Rows<ContactRow>
}

export interface Client extends Calls {
  readonly rooms: Rooms
  readonly contacts: Contacts
}

// The longest that a gateway takes with a call is some 30 s: a create that waits its turn for 20, and its puppet.
const TIMEOUT_MS = 60_000

/** Calls to one gateway with one token. Nothing is sent before the first call, and nothing has to be closed. */
export function createClient(options: ClientOptions): Client {
  const deps = depsOf(options)
  const calls: Record<string, Record<string, unknown>> = {}
  for (const [name, facts] of Object.entries(endpoints) as [EndpointPath, EndpointFacts][]) {
    const [noun, verb] = name.split('/') as [string, string]
    calls[noun] ??= {}
    calls[noun][verb] = (ask: object = {}, options: AnyOptions = {}) =>
      call(name, facts, ask as Record<string, unknown>, options, deps)
  }
  // Each name of the table has its line in Calls: both are written from the same declaration.
  const client = calls as unknown as Calls
  const { room, contact } = client
  const tagged = (mhTagId: string | undefined, options?: PagesOptions) =>
    eachRow('/room/listByMHTag', 1, (ask, calling) => room.listByMHTag({ mhTagId, ...ask }, calling), options)
  return {
    ...client,
    rooms: {
      byTag(mhTagId, options) {
        // To the page no tag means every room (LT-5), and whoever asks by tag never means that.
        if (!mhTagId)
          throw new TypeError('byTag: 标签 id 不能为空, 全部群用 all() / no tag; for every room: all()')
        return tagged(mhTagId, options)
      },
      all: options => tagged(undefined, options),
      simple: options => eachRow('/room/simpleList', 0, room.simpleList, options),
    },
    contacts: { all: options => eachRow('/contact/list', 0, contact.list, options) },
  }
}

function depsOf({ baseUrl, token, pace, retry, ...options }: ClientOptions): CallDeps {
  const clock = options.clock ?? systemClock
  const paceRule = pace ? ruleOf('pace', PAGE_PACE, pace === true ? {} : pace) : null
  return {
    baseUrl: readBase(baseUrl),
    token: visible('token', token),
    tokenIn: options.tokenIn ?? 'header',
    // Looked up at each call, so that a test may put another one in its place.
    fetch: options.fetch ?? ((...request) => fetch(...request)),
    ...ruleOf('client', { timeoutMs: TIMEOUT_MS }, options),
    retry: ruleOf('retry', RETRY_DEFAULT, retry ?? {}),
    pace: paceRule && createPace(clock, paceRule),
    clock,
    random: options.random ?? Math.random,
    newKey: options.newKey ?? (() => crypto.randomUUID()),
  }
}

/** What is wrong is not shown: a password may stand in it. */
function readBase(baseUrl: string): string {
  const { protocol, username, password, search, hash, href } = URL.canParse(baseUrl)
    ? new URL(baseUrl)
    : ({} as Partial<URL>)
  if (!href || !/^https?:$/.test(protocol!) || username || password || search || hash)
    throw new TypeError(
      'baseUrl: http(s)://主机/前缀, 不含用户名、查询与 # / a host and a prefix, without a user, a query and a #',
    )
  return href.replace(/[?#]*$/, '').replace(/\/+$/, '')
}

/** A rule with what is given of it in place of its defaults; `undefined` is not given, and NaN is a mistake. */
function ruleOf<Rule extends object>(
  name: string,
  defaults: Rule,
  given: { readonly [Key in keyof Rule]?: Rule[Key] | undefined },
): Rule {
  const rule = { ...defaults }
  for (const key of Object.keys(defaults) as (keyof Rule & string)[]) {
    const value = given[key] ?? defaults[key]
    if (!(Number(value) >= 0)) throw new RangeError(`${name}.${key}: ${value}`)
    rule[key] = value
  }
  return rule
}
