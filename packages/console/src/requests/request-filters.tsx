import { Button } from '@mantine/core'
import { CONSOLE_TOKEN_ID, endpoints } from '@qunhub/wire'
import { useVerb } from '../api/use-verb.ts'
import { EnterField } from '../fields/enter-field.tsx'
import { Filters } from '../fields/filters.tsx'
import { Pick } from '../fields/pick.tsx'
import { HereLink } from '../frame/page-link.tsx'
import { useUrlState, useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { isFiltered, NO_FILTER, readFilter } from './filters.ts'

const ELSEWHERE = { before: undefined, open: undefined }

export function OutcomeChips() {
  const { requests: say } = useWords()
  const [search] = useUrlState()
  const { refused = false } = readFilter(search)
  return (
    <nav className="chips" aria-label={say.outcome}>
      {([undefined, 'refused'] as const).map(outcome => (
        <HereLink
          key={outcome ?? 'all'}
          className="chip"
          change={{ ...ELSEWHERE, outcome }}
          {...((outcome === 'refused') === refused ? { 'aria-current': 'true' as const } : {})}
        >
          {outcome ? say.refused : say.all}
        </HereLink>
      ))}
    </nav>
  )
}

export function RequestFilters() {
  const { requests: say } = useWords()
  const workspace = useWorkspaceId()
  const [search, change] = useUrlState()
  const filter = readFilter(search)
  // Whether they were refused is a chip.
  const { refused: _, ...others } = filter
  const tokens = useVerb('list-tokens', { workspace }, { every: 60_000 })
  const ofPrograms = (tokens.data?.tokens ?? [])
    .filter(({ realm }) => realm === 'api')
    .map(({ id, label }) => [id, label || id] as const)
  return (
    <Filters chosen={Object.keys(others).length}>
      <Pick
        label={say.endpoint}
        value={filter.endpoint ?? ''}
        any={say.anyEndpoint}
        options={endpoints.map(({ path }) => [path, path])}
        choose={endpoint => change({ ...ELSEWHERE, endpoint })}
      />
      <Pick
        label={say.token}
        value={filter.tokenId ?? ''}
        any={say.anyToken}
        options={[[CONSOLE_TOKEN_ID, say.consoleToken], ...ofPrograms]}
        choose={token => change({ ...ELSEWHERE, token })}
      />
      <EnterField
        value={search['code'] ?? ''}
        label={say.code}
        hint={say.codeHint}
        width={120}
        choose={code => change({ ...ELSEWHERE, code: code || undefined })}
      />
      <EnterField
        value={search['request'] ?? ''}
        label={say.requestHint}
        hint={say.requestHint}
        choose={request => change({ ...ELSEWHERE, request: request || undefined })}
      />
      {isFiltered(filter) && <Button onClick={() => change(NO_FILTER)}>{say.clear}</Button>}
    </Filters>
  )
}
