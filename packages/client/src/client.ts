import type { EndpointFacts } from './calls/answer.ts'
import { type AnyOptions, type CallDeps, call, type EndpointPath } from './calls/call.ts'
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
  if (!/^https?:$/.test(protocolOf(baseUrl)))
    throw new TypeError(`baseUrl: http(s)://…, 给出的是 / given: ${baseUrl}`)
  // `fetch` would say the same, and the token with it.
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new TypeError('token: 可见 ASCII 字符, 不含空格与换行 / visible ASCII, no spaces and no line ends')
  const clock = options.clock ?? systemClock
  const paceRule = pace === true ? PAGE_PACE : pace ? { ...PAGE_PACE, ...pace } : null
  return {
    baseUrl: baseUrl.replace(/\/+$/, ''),
    token,
    tokenIn: options.tokenIn ?? 'header',
    // Looked up at each call, so that a test may put another one in its place.
    fetch: options.fetch ?? ((...request) => fetch(...request)),
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    retry: { ...RETRY_DEFAULT, ...retry },
    pace: paceRule && createPace(clock, paceRule),
    clock,
    random: options.random ?? Math.random,
    newKey: options.newKey ?? (() => crypto.randomUUID()),
  }
}

// URL.parse is younger than Node 20.
const protocolOf = (url: string): string => (URL.canParse(url) ? new URL(url).protocol : '')
