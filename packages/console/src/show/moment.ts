import type { Language, Zone } from '../preferences/preferences.ts'

export interface Eye {
  readonly language: Language
  readonly zone: Zone
}

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

interface Parts {
  readonly year: string
  readonly month: string
  readonly day: string
  readonly hour: string
  readonly minute: string
  readonly second: string
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Of a fixed language, because the browser's own may be none (`en-US@posix`), at which Intl throws. */
function formatIn(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    ...({ year: 'numeric', month: '2-digit', day: '2-digit' } as const),
    ...({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const),
  })
  formats.set(timeZone, made)
  return made
}

const two = (part: number): string => String(part).padStart(2, '0')

/** Most people see their own zone, for which a browser need not load the tables of all of them first (20 ms of work). */
function partsOf(at: number, zone: Zone): Parts {
  if (zone !== 'local')
    return Object.fromEntries(
      formatIn(zone)
        .formatToParts(at)
        .map(({ type, value }) => [type, value]),
    ) as unknown as Parts
  const here = new Date(at)
  return {
    ...{ year: String(here.getFullYear()), month: two(here.getMonth() + 1), day: two(here.getDate()) },
    ...{ hour: two(here.getHours()), minute: two(here.getMinutes()), second: two(here.getSeconds()) },
  }
}

/** The whole of it: `2026-11-29 10:44:31`. */
export function showMoment(at: number, { zone }: Pick<Eye, 'zone'>): string {
  const { year, month, day, hour, minute, second } = partsOf(at, zone)
  return `${year}-${month}-${day} ${hour}:${minute}:${second}`
}

/** As short as can be told apart: today only the time, else the day before it. */
export function showShortly(at: number, now: number, eye: Pick<Eye, 'zone'>): string {
  const [day, time] = showMoment(at, eye).split(' ') as [string, string]
  const today = showMoment(now, eye).slice(0, 10)
  if (day === today) return time
  return `${day.slice(0, 4) === today.slice(0, 4) ? day.slice(5) : day} ${time.slice(0, 5)}`
}

/** How long, in the largest unit that fits: `7 分钟`, `3 days`. */
export function showSpan(ms: number, language: Language): string {
  const [count, chinese, english] = unitOf(Math.max(0, ms))
  if (language === 'zh') return `${count} ${chinese}`
  return `${count} ${english}${count === 1 ? '' : 's'}`
}

function unitOf(ms: number): [number, string, string] {
  if (ms < MINUTE_MS) return [Math.floor(ms / SECOND_MS), '秒', 'second']
  if (ms < HOUR_MS) return [Math.floor(ms / MINUTE_MS), '分钟', 'minute']
  if (ms < 2 * DAY_MS) return [Math.floor(ms / HOUR_MS), '小时', 'hour']
  return [Math.floor(ms / DAY_MS), '天', 'day']
}

/** What an `<input type="datetime-local">` shows of a moment, in the zone that was chosen. */
export const toField = (at: number, eye: Pick<Eye, 'zone'>): string =>
  showMoment(at, eye).replace(' ', 'T').slice(0, 16)

/**
 * What somebody typed there, in that zone. Undefined where it is no moment. The zone's distance from UTC is looked up at the moment
 * itself, twice, because it may be another one on the other side of a clock change.
 */
export function fromField(typed: string, { zone }: Pick<Eye, 'zone'>): number | undefined {
  const asUtc = Date.parse(`${typed.replace(' ', 'T')}${typed.length === 16 ? ':00' : ''}Z`)
  // Years that are still being typed, too: 0002.
  if (Number.isNaN(asUtc) || asUtc < DAY_MS) return undefined
  const once = asUtc - distance(asUtc, zone)
  return asUtc - distance(once, zone)
}

const distance = (at: number, zone: Zone): number =>
  Date.parse(`${showMoment(at, { zone }).replace(' ', 'T')}Z`) - Math.floor(at / SECOND_MS) * SECOND_MS

/** `3,956`; alike in both languages. */
export const showCount = (count: number): string => String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
