import type { CallbackRecord } from '@qunhub/wire'
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { askVerb } from '../api/ask.ts'
import { keyOf, SHOWN, useVerb } from '../api/use-verb.ts'
import { useLive } from '../frame/live.tsx'
import { useWorkspaceId } from '../frame/url-state.ts'
import type { CallbackFilter } from './filters.ts'
import { lookingOn } from './looking-on.ts'
import { mergeHead } from './merge-head.ts'

const ROWS_PER_PAGE = 100

/**
 * What fits a filter, newest first, page by page. It is read when somebody asks for it; what is new since then is only counted, and
 * what is shown is told as it is now.
 */
export function useCallbackList(filter: CallbackFilter, opened: CallbackRecord | undefined) {
  const workspace = useWorkspaceId()
  const client = useQueryClient()
  const { isPaused } = useLive()
  const newest = { workspace, ...filter, limit: ROWS_PER_PAGE }
  const queryKey = [SHOWN, 'list-callbacks', workspace, filter]
  const shown = useInfiniteQuery({
    queryKey,
    queryFn: async ({ pageParam, signal }) => {
      if (pageParam !== null) return askVerb('list-callbacks', { ...newest, before: pageParam }, signal)
      const first = await askVerb('list-callbacks', newest, signal)
      // What is new since then is not asked at once.
      client.setQueryData(keyOf('list-callbacks', newest), first)
      return first
    },
    initialPageParam: null as number | null,
    getNextPageParam: ({ next }) => next,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  })
  const head = useVerb('list-callbacks', newest, { enabled: shown.isSuccess })
  const { pages = [] } = shown.data ?? {}
  const { lookedTo, byItself } = lookingOn(pages, isPaused || shown.error !== null)
  const { isFetching, fetchNextPage } = shown
  useEffect(() => {
    if (byItself && !isFetching) void fetchNextPage()
  }, [byItself, isFetching, fetchNextPage])
  const before = pages.flatMap(({ callbacks }) => callbacks)
  const isHeadOfThis = !head.isPlaceholderData
  const merged = mergeHead(before, (isHeadOfThis && head.data?.callbacks) || [], opened ? [opened] : [])
  return {
    ...merged,
    shown,
    lookedTo,
    isLookingOn: byItself,
    failure: shown.error ?? head.error,
    showNews: () => client.resetQueries({ queryKey }),
  }
}
