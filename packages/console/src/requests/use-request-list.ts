import { useQuery, useQueryClient } from '@tanstack/react-query'
import { askVerb } from '../api/ask.ts'
import { SHOWN, useVerb } from '../api/use-verb.ts'
import { useWorkspaceId } from '../frame/url-state.ts'
import type { RequestFilter } from './filters.ts'

const ROWS_PER_PAGE = 100
/** How many new ones are counted; more are "and more". */
const NEWS_COUNTED_MAX = 99

/** One page of what fits, as it was read; on the first page new ones are counted and shown when somebody asks. */
export function useRequestList(filter: RequestFilter, before: string | undefined) {
  const workspace = useWorkspaceId()
  const client = useQueryClient()
  const asked = { workspace, ...filter, limit: ROWS_PER_PAGE, ...(before ? { before } : {}) }
  const queryKey = [SHOWN, 'list-requests', asked]
  const shown = useQuery({
    queryKey,
    queryFn: ({ signal }) => askVerb('list-requests', asked, signal),
    staleTime: Number.POSITIVE_INFINITY,
    // A page that is opened again is read again.
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  })
  const head = useVerb(
    'list-requests',
    { workspace, ...filter, limit: NEWS_COUNTED_MAX },
    { enabled: shown.isSuccess && !before },
  )
  const newest = shown.data?.requests[0]?.id ?? ''
  const newer = head.isPlaceholderData || before ? [] : (head.data?.requests ?? [])
  return {
    shown,
    news: newer.filter(({ id }) => id > newest).length,
    newsMax: NEWS_COUNTED_MAX,
    showNews: () => client.resetQueries({ queryKey }),
  }
}
