import { useVerb } from '../api/use-verb.ts'
import { nameOf } from '../bots/standing.ts'
import { useWorkspaceId } from '../frame/url-state.ts'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { showMoment } from '../show/moment.ts'
import type { CallbackFilter } from './filters.ts'

/** A filter that a replay keeps may name a kind that this console does not know. */
type Filter = Omit<CallbackFilter, 'kind'> & { readonly kind?: string | undefined }

/** What a filter says, condition by condition: its name, and what is wanted. */
function useFacts({ state, kind, room, bot, status, from, until }: Filter) {
  const { words, zone } = usePreferences()
  const { callbacks: say } = words
  const bots = useVerb(
    'list-bots',
    { workspace: useWorkspaceId() },
    { every: false, enabled: bot !== undefined },
  )
  const known = bots.data?.bots.find(({ id }) => id === bot)
  const facts: readonly (readonly [string, string | undefined])[] = [
    [say.state, state && say.states[state]],
    [say.kind, kind],
    [say.room, room],
    [say.bot, known ? nameOf(known) : bot],
    [say.statusClass, status && say.statuses[status]],
    [say.from, from === undefined ? undefined : showMoment(from, { zone })],
    [say.until, until === undefined ? undefined : showMoment(until, { zone })],
  ]
  return facts.filter((fact): fact is readonly [string, string] => fact[1] !== undefined)
}

export function FilterInWords({ filter }: { readonly filter: Filter }) {
  return (
    <dl className="facts inset">
      {useFacts(filter).map(([name, value]) => (
        <div key={name} className="row">
          <dt>{name}</dt>
          <dd className="mono">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** The same in one line of a list. */
export const FilterInLine = ({ filter }: { readonly filter: Filter }) => (
  <>
    {useFacts(filter)
      .map(([name, value]) => `${name} ${value}`)
      .join(' · ')}
  </>
)
