import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useSyncExternalStore } from 'react'
import { NoAnswer } from '../api/failures.ts'

/** Whether something that is looked at was not answered the last time it was asked. */
export function useLost(): boolean {
  const cache = useQueryClient().getQueryCache()
  const subscribe = useCallback((tell: () => void) => cache.subscribe(tell), [cache])
  return useSyncExternalStore(subscribe, () =>
    cache.findAll({ type: 'active' }).some(({ state }) => state.error instanceof NoAnswer),
  )
}
