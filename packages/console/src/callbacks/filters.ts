import type { VerbAsk } from '@qunhub/wire'
import type { Search } from '../frame/search-text.ts'

export type CallbackFilter = Omit<VerbAsk<'list-callbacks'>, 'workspace' | 'limit' | 'before'>

export const STATES = ['due', 'delivered', 'parked', 'quarantined'] as const
export type StateName = (typeof STATES)[number]
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
  const from = readInstant(search['from'])
  const until = readInstant(search['until'])
  return {
    ...(state ? { state } : {}),
    ...(kind ? { kind } : {}),
    ...(search['room'] ? { room: search['room'] } : {}),
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
 * is to be replayed there, and the gateway wants one condition at the least.
 */
export function replayFilter(filter: CallbackFilter): ReplayFilter | undefined {
  const { state, ...rest } = filter
  if (state === 'due' || !isFiltered(filter)) return undefined
  return state ? { ...rest, state } : rest
}

/** Which callback a panel shows: by its number, or by what its receiver knows of it. */
export const readOpen = (open: string | undefined): number | string | undefined =>
  open === undefined ? undefined : /^\d{1,15}$/.test(open) ? Number(open) : open
