import type { VerbOutput } from '@qunhub/wire'
import { useQueries, useQueryClient } from '@tanstack/react-query'
import { askVerb } from '../api/ask.ts'
import { useLive } from '../frame/live.tsx'
import { useSignedIn } from '../frame/session.ts'
import { useWorkspaceId } from '../frame/url-state.ts'
import { CAUSED_SHOWN_MAX, LOOK_EVERY_MS, whomToAsk } from './caused.ts'

/** In so many workspaces it is looked at the most. */
const WORKSPACES_MAX = 10

/**
 * The callbacks about a room since a moment, and whose they are. The simulated world is one for all, and the bot that is in the room
 * may be of another workspace than the one that somebody looks at; that one is asked first.
 */
export function useCaused(room: string, at: number, isLooking: boolean) {
  const here = useWorkspaceId()
  const { workspaces } = useSignedIn()
  const { isPaused } = useLive()
  const client = useQueryClient()
  const inputOf = (workspace: typeof here) => ({ workspace, room, from: at, limit: CAUSED_SHOWN_MAX })
  const had = (workspace: typeof here) => {
    const state = client.getQueryState<VerbOutput<'list-callbacks'>>(['list-callbacks', inputOf(workspace)])
    // A refusal is an answer as well: nothing is to be had there.
    return state?.data?.callbacks.length ?? (state?.status === 'error' ? 0 : undefined)
  }
  const others = workspaces.map(({ id }) => id).filter(id => id !== here)
  const asked = whomToAsk(here, others.slice(0, WORKSPACES_MAX - 1), had)
  const answers = useQueries({
    queries: asked.map(workspace => {
      const input = inputOf(workspace)
      return {
        queryKey: ['list-callbacks', input],
        queryFn: ({ signal }: { signal: AbortSignal }) => askVerb('list-callbacks', input, signal),
        refetchInterval: isLooking && !isPaused ? LOOK_EVERY_MS : (false as const),
      }
    }),
  })
  const found = answers.findIndex(({ data }) => data !== undefined && data.callbacks.length > 0)
  return { workspace: asked[found] ?? here, caused: answers[found]?.data?.callbacks ?? [] }
}
