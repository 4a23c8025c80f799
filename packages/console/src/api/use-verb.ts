import type { VerbAsk, VerbName, VerbOutput } from '@qunhub/wire'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useLive } from '../frame/live.tsx'
import { askVerb } from './ask.ts'
import { NoAnswer } from './failures.ts'
import { SESSION } from './query-client.ts'

/** How often what is shown is asked again, at the most. Hidden pages and paused ones do not ask. */
export const LOOK_EVERY_MS = 5_000

/** Begins the keys of lists that stay as they were read, until somebody asks for what is new. */
export const SHOWN = 'shown'

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
  const read = useQuery({
    queryKey: [verb, input],
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
  const isKept = read.data !== undefined && read.error instanceof NoAnswer
  return { ...read, error: isKept ? null : read.error }
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
  const client = useQueryClient()
  return useMutation({
    mutationFn: (input: VerbAsk<N>) => askVerb(verb, input),
    onSuccess: answer => {
      void client.invalidateQueries({
        predicate: ({ queryKey }) => queryKey[0] !== SHOWN && queryKey[0] !== SESSION[0],
      })
      onDone?.(answer)
    },
  })
}
