import type { VerbAsk, VerbName, VerbOutput } from '@qunhub/wire'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useLive } from '../frame/live.tsx'
import { askVerb } from './ask.ts'
import { NoAnswer } from './failures.ts'
import { SESSION } from './query-client.ts'
import { useDoing } from './use-doing.ts'

/** How often what is shown is asked again, at the most. Hidden pages and paused ones do not ask. */
export const LOOK_EVERY_MS = 5_000

/** Begins the keys of lists that stay as they were read, until somebody asks for what is new. */
export const SHOWN = 'shown'

/** Under which what a verb answered is kept. */
export const keyOf = <N extends VerbName>(verb: N, input: VerbAsk<N>) => [verb, input] as const

interface Looking {
  /** How often it is asked again; `false`: only once. */
  readonly every?: number | false
  readonly enabled?: boolean
}

/** What a verb that only reads answers, asked again and again while somebody looks at it. */
export function useVerb<N extends VerbName>(verb: N, input: VerbAsk<N>, looking: Looking = {}) {
  const { every = LOOK_EVERY_MS, enabled = true } = looking
  const { isPaused } = useLive()
  const byItself = !isPaused && every !== false
  // Only what is told here: a page is not drawn anew for each question that brings nothing new.
  const { data, error, isPending, isPlaceholderData, refetch } = useQuery({
    queryKey: keyOf(verb, input),
    queryFn: ({ signal }) => askVerb(verb, input, signal),
    refetchInterval: isPaused ? false : every,
    refetchOnWindowFocus: byItself,
    refetchOnReconnect: byItself,
    // Of a list that is filtered otherwise; never what another workspace had.
    placeholderData: (before, query) =>
      isOfSameWorkspace(query?.queryKey[1], input) ? keepPreviousData(before) : undefined,
    enabled,
  })
  // While nobody answers, what was read stays on the screen, and the frame says so.
  const isKept = data !== undefined && error instanceof NoAnswer
  return { data, error: isKept ? null : error, isPending, isPlaceholderData, refetch }
}

function isOfSameWorkspace(before: unknown, now: object): boolean {
  const workspaceOf = (input: unknown) => (input as { readonly workspace?: string } | undefined)?.workspace
  return workspaceOf(before) === workspaceOf(now)
}

interface Acting<N extends VerbName> {
  readonly onDone?: (answer: VerbOutput<N>) => void
}

/** What changes something. Afterwards everything that is shown is read again, once, even where live updates are paused. */
export function useAct<N extends VerbName>(verb: N, { onDone }: Acting<N> = {}) {
  const readAgain = useReadAgain()
  return useDoing({
    act: (input: VerbAsk<N>) => askVerb(verb, input),
    onDone: answer => {
      readAgain()
      onDone?.(answer)
    },
  })
}

/** All that is shown, but for lists that stay as they were read. */
export function useReadAgain(): () => void {
  const client = useQueryClient()
  return () =>
    void client.invalidateQueries({
      predicate: ({ queryKey }) => queryKey[0] !== SHOWN && queryKey[0] !== SESSION[0],
    })
}
