import { Button } from '@mantine/core'
import { useVerb } from '../api/use-verb.ts'
import { EnterField } from '../frame/enter-field.tsx'
import { MomentField } from '../frame/moment-field.tsx'
import { HereLink } from '../frame/page-link.tsx'
import { useUrlState, useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { showCount } from '../show/moment.ts'
import { type CallbackFilter, isFiltered, KINDS, STATES, writeInstant } from './filters.ts'

/** The states; how many wait is known of the whole workspace, so it is shown where nothing else is chosen. */
export function StateChips({ filter }: { readonly filter: CallbackFilter }) {
  const { callbacks: words } = useWords()
  const workspace = useWorkspaceId()
  const { state, ...rest } = filter
  const address = useVerb('show-callback-address', { workspace })
  const waiting = isFiltered(rest) ? undefined : address.data?.waiting
  const chips = [undefined, ...STATES] as const
  return (
    <nav className="chips" aria-label={words.stateLabel}>
      {chips.map(each => (
        <HereLink
          key={each ?? 'all'}
          className="chip"
          change={{ state: each, open: undefined }}
          {...(each === state ? { 'aria-current': 'true' as const } : {})}
        >
          {each ? words.states[each] : words.all}
          {each === 'due' && waiting !== undefined && <b>{showCount(waiting)}</b>}
        </HereLink>
      ))}
    </nav>
  )
}

const NOTHING = { state: undefined, kind: undefined, room: undefined, from: undefined, until: undefined }

export function FilterBar({ filter }: { readonly filter: CallbackFilter }) {
  const { callbacks: words } = useWords()
  const [, change] = useUrlState()
  return (
    <div className="filters">
      <select
        className="pick"
        aria-label={words.kind}
        value={filter.kind ?? ''}
        onChange={event => change({ kind: event.currentTarget.value || undefined })}
      >
        <option value="">{words.anyKind}</option>
        {KINDS.map(kind => (
          <option key={kind} value={kind}>
            {kind} {words.kinds[kind]}
          </option>
        ))}
      </select>
      <EnterField
        value={filter.room ?? ''}
        label={words.room}
        hint={words.roomHint}
        choose={room => change({ room: room || undefined })}
      />
      <MomentField label={words.from} at={filter.from} choose={at => change({ from: writeInstant(at) })} />
      <MomentField label={words.until} at={filter.until} choose={at => change({ until: writeInstant(at) })} />
      {isFiltered(filter) && <Button onClick={() => change(NOTHING)}>{words.clear}</Button>}
    </div>
  )
}
