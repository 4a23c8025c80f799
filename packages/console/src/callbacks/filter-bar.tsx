import { Button } from '@mantine/core'
import type { Counted } from '@qunhub/wire'
import { useVerb } from '../api/use-verb.ts'
import { EnterField } from '../fields/enter-field.tsx'
import { Filters } from '../fields/filters.tsx'
import { MomentField } from '../fields/moment-field.tsx'
import { Pick } from '../fields/pick.tsx'
import { HereLink } from '../frame/page-link.tsx'
import { useUrlState, useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { BotChoice } from '../rooms/bot-choice.tsx'
import { showCount } from '../show/moment.ts'
import { type CallbackFilter, isFiltered, KINDS, STATES, STATUSES, writeInstant } from './filters.ts'

/** The states, each with how many fit. */
export function StateChips({ filter }: { readonly filter: CallbackFilter }) {
  const { callbacks: words } = useWords()
  const workspace = useWorkspaceId()
  const { state, webhookId, ...rest } = filter
  const counts = useVerb(
    'show-callback-counts',
    { workspace, ...rest },
    { every: COUNT_EVERY_MS, enabled: webhookId === undefined },
  )
  const counted = counts.isPlaceholderData || webhookId !== undefined ? undefined : counts.data
  const chips = [undefined, ...STATES] as const
  return (
    <nav className="chips" aria-label={words.stateLabel}>
      {chips.map(each => (
        <HereLink
          key={each ?? 'all'}
          className={each ? 'chip counted' : 'chip'}
          change={{ state: each, open: undefined }}
          {...(each === state ? { 'aria-current': 'true' as const } : {})}
        >
          {each ? words.states[each] : words.all}
          {each && counted && <b>{shown(counted[each])}</b>}
        </HereLink>
      ))}
    </nav>
  )
}

const COUNT_EVERY_MS = 15_000

const shown = ({ count, atLeast }: Counted): string => `${showCount(count)}${atLeast ? '+' : ''}`

const NOTHING = {
  ...{ state: undefined, kind: undefined, room: undefined, bot: undefined, status: undefined },
  ...{ webhook: undefined, from: undefined, until: undefined },
}

export function FilterBar({ filter }: { readonly filter: CallbackFilter }) {
  const { callbacks: words } = useWords()
  const [, change] = useUrlState()
  // The state has its own chips.
  const { state: _, ...others } = filter
  return (
    <Filters chosen={Object.keys(others).length}>
      <Pick
        label={words.kind}
        value={filter.kind ?? ''}
        any={words.anyKind}
        options={KINDS.map(kind => [kind, `${kind} ${words.kinds[kind]}`])}
        choose={kind => change({ kind })}
      />
      <EnterField
        value={filter.room ?? ''}
        label={words.room}
        hint={words.roomHint}
        choose={room => change({ room: room || undefined })}
      />
      <BotChoice bot={filter.bot ?? ''} choose={bot => change({ bot })} />
      <Pick
        label={words.statusClass}
        value={filter.status ?? ''}
        any={words.anyStatus}
        options={STATUSES.map(status => [status, words.statuses[status]])}
        choose={status => change({ status })}
      />
      <EnterField
        value={filter.webhookId ?? ''}
        label="webhook-id"
        hint="msg_…"
        choose={webhook => change({ webhook: webhook.trim() || undefined })}
      />
      <span className="filters">
        <MomentField label={words.from} at={filter.from} choose={at => change({ from: writeInstant(at) })} />
        <MomentField
          label={words.until}
          at={filter.until}
          choose={at => change({ until: writeInstant(at) })}
        />
      </span>
      {isFiltered(filter) && <Button onClick={() => change(NOTHING)}>{words.clear}</Button>}
    </Filters>
  )
}
