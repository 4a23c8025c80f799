/** What a page has in its address behind the `?`: texts only, so that it can be read, typed and sent to somebody. */
export type Search = Readonly<Record<string, string>>

export const readSearch = (search: string): Search => Object.fromEntries(new URLSearchParams(search))

/** What is empty or undefined is left out, so that an address says only what somebody chose. */
export function writeSearch(search: Readonly<Record<string, unknown>>): string {
  const chosen = Object.entries(search).filter(([, value]) => value !== undefined && value !== '')
  const written = new URLSearchParams(chosen.map(([name, value]) => [name, String(value)])).toString()
  return written === '' ? '' : `?${written}`
}

/** What of a page's address means the same in another workspace: no ids of rooms, bots or callbacks. */
const MEANT_EVERYWHERE = ['state', 'kind', 'from', 'until', 'tab', 'endpoint', 'code', 'outcome']

export const meantEverywhere = (search: Search): Search =>
  Object.fromEntries(Object.entries(search).filter(([name]) => MEANT_EVERYWHERE.includes(name)))
