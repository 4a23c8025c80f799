import type { ConsoleSession, Role, SignedIn } from '@qunhub/wire'
import { useQuery } from '@tanstack/react-query'
import { readSession } from '../api/ask.ts'
import { SESSION } from '../api/query-client.ts'
import { isAtLeast } from './role.ts'

const TRY_AGAIN_MS = 3_000

/** Who is signed in. Read once; where the gateway does not answer, again and again until it does. */
export const useSession = () =>
  useQuery({
    queryKey: SESSION,
    queryFn: readSession,
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: ({ state }) => (state.data === undefined && state.error !== null ? TRY_AGAIN_MS : false),
  })

/** Inside of the gate only, where there is one. */
export function useSignedIn(): ConsoleSession & { readonly signedIn: SignedIn } {
  const { data } = useSession()
  if (!data?.signedIn) throw new Error('nobody is signed in')
  return { ...data, signedIn: data.signedIn }
}

export const useMay = (needed: Role): boolean => isAtLeast(useSignedIn().signedIn.role, needed)
