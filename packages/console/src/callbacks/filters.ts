import type { VerbAsk } from '@qunhub/wire'
import type { Search } from '../frame/search-text.ts'

export type CallbackFilter = Omit<VerbAsk<'list-callbacks'>, 'workspace' | 'limit' | 'before'>

export const STATES = ['due', 'delivered', 'parked', 'quarantined'] as const
/** What the last attempt was answered. */
export const STATUSES = ['2xx', '3xx', '4xx', '5xx', 'none'] as const
/** As the wire has them; a kind that a newer gateway knows is shown, and cannot be chosen. */
export const KINDS = [
  'chatroom/joined',
  'chatroom/loaded',
  'room/joined',
  'room/left',
  'room/topic',
] as const satisfies readonly VerbAsk<'list-callbacks'>['kind'][]

/** What an address chooses. What it says and nobody understands is no filter, so that an old link still shows something. */
export function readFilter(search: Search): CallbackFilter {
  const state = STATES.find(each => each === search['state'])
  const kind = KINDS.find(each => each === search['kind'])
  const status = STATUSES.find(each => each === search['status'])
  const webhookId = /^msg_[\w-]{24}$/.exec(search['webhook'] ?? '')?.[0]
  const from = readInstant(search['from'])
  const until = readInstant(search['until'])
  return {
    ...(state ? { state } : {}),
    ...(kind ? { kind } : {}),
    ...(search['room'] ? { room: search['room'] } : {}),
    ...(search['bot'] ? { bot: search['bot'] } : {}),
    ...(status ? { status } : {}),
    ...(webhookId ? { webhookId } : {}),
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
  }
}

const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

/** As we write them; what a browser would read besides as a date is not the same for all. */
const readInstant = (text: string | undefined): number | undefined => {
  const at = INSTANT.test(text ?? '') ? Date.parse(text ?? '') : Number.NaN
  return Number.isNaN(at) || at < 0 ? undefined : at
}

/** A moment as it stands in an address: the same for whoever opens it, in whatever zone. */
export const writeInstant = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString().replace(/(:00)?\.000Z$/, 'Z')

export const isFiltered = (filter: CallbackFilter): boolean => Object.keys(filter).length > 0

type ReplayFilter = Omit<VerbAsk<'start-replay'>, 'workspace' | 'dryRun'>

/**
 * What is replayed where all that is shown is to be: exactly the filter that is shown. What still waits is sent anyway, so nothing
 * is to be replayed there, and the gateway wants one condition at the least. A single one is replayed from its own panel.
 */
export function replayFilter(filter: CallbackFilter): ReplayFilter | undefined {
  const { state, webhookId, ...rest } = filter
  if (state === 'due' || webhookId !== undefined || !isFiltered(filter)) return undefined
  return state ? { ...rest, state } : rest
}

/** Which callback a panel shows: by its number, or by what its receiver knows of it. */
export const readOpen = (open: string | undefined): number | string | undefined =>
  open === undefined ? undefined : /^\d{1,15}$/.test(open) ? Number(open) : open
