import type { ContactLine } from '../console/rooms/contact.ts'

const NAMES = ['wxid', 'externalUserId'] as const
const SAID = ['unionId', 'externalUserId'] as const

/** A line that says something else of a person than another one does. */
export interface Contradiction {
  readonly field: (typeof SAID)[number]
  /** The first line that says otherwise. */
  readonly line: number
}

/**
 * Lines of a file that speak of one person, by either id, and contradict one another: of which is right the file says
 * nothing, so none of them is. By their index in `lines`.
 */
export function findContradictions(
  lines: readonly { readonly line: number; readonly contact: ContactLine | null }[],
): ReadonlyMap<number, Contradiction> {
  const found = new Map<number, Contradiction>()
  for (const people of groupByPerson(lines.map(({ contact }) => contact)).values()) {
    if (people.length < 2) continue
    for (const field of SAID) {
      const said = (at: number) => lines[at]!.contact?.[field]
      const saying = people.filter(said)
      const [first] = saying
      const other = saying.find(at => said(at) !== said(first!))
      if (other === undefined) continue
      for (const at of saying) {
        const against = said(at) === said(first!) ? other : first!
        found.set(at, { field, line: lines[against]!.line })
      }
    }
  }
  return found
}

/** Whoever shares a wxid or an externalUserId with another line, directly or by a third one, is the same person. */
function groupByPerson(contacts: readonly (ContactLine | null)[]): Map<number, number[]> {
  const leader = contacts.map((_, at) => at)
  const leaderOf = (at: number): number => {
    let top = at
    while (leader[top] !== top) top = leader[top]!
    leader[at] = top
    return top
  }
  const firstOf = new Map<string, number>()
  contacts.forEach((contact, at) => {
    for (const name of NAMES) {
      const id = contact?.[name]
      if (!id) continue
      const first = firstOf.get(`${name} ${id}`)
      if (first === undefined) firstOf.set(`${name} ${id}`, at)
      else leader[leaderOf(at)] = leaderOf(first)
    }
  })
  return Map.groupBy(
    contacts.flatMap((contact, at) => (contact ? [at] : [])),
    leaderOf,
  )
}
