import type { ConsoleSession } from '@qunhub/wire'
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { Refused } from './failures.ts'

export const SESSION = ['session'] as const

/** Whatever is answered "not signed in" makes the page ask for the password, at the address where somebody was. */
export function openQueryClient(): QueryClient {
  const notice = (failure: Error) => {
    if (failure instanceof Refused && failure.isSignedOut)
      client.setQueryData<ConsoleSession>(SESSION, before => before && { ...before, signedIn: null })
  }
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: notice }),
    mutationCache: new MutationCache({ onError: notice }),
    defaultOptions: {
      // A browser in an office without internet says that it is offline, and still reaches the gateway.
      queries: { retry: false, staleTime: 1000, networkMode: 'always' },
      mutations: { retry: false, networkMode: 'always' },
    },
  })
  return client
}
