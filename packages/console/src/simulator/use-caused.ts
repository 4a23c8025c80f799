import { useQueries } from '@tanstack/react-query'
import { askVerb } from '../api/ask.ts'
import { useLive } from '../frame/live.tsx'
import { useSignedIn } from '../frame/session.ts'
import { useWorkspaceId } from '../frame/url-state.ts'
import { CAUSED_SHOWN_MAX, LOOK_EVERY_MS } from './caused.ts'

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
  const others = workspaces.map(({ id }) => id).filter(id => id !== here)
  const asked = [here, ...others].slice(0, WORKSPACES_MAX)
  const answers = useQueries({
    queries: asked.map(workspace => {
      const input = { workspace, room, from: at, limit: CAUSED_SHOWN_MAX }
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
