import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'
import type { Search } from './search-text.ts'

/** Undefined takes a name out of the address. */
export type Change = Readonly<Record<string, string | undefined>>

/** The state of the page is its address: reload, back and a copied link give the same page. */
export function useUrlState(): readonly [
  Search,
  (change: Change, how?: { readonly replace?: boolean }) => void,
] {
  const search = useSearch({ strict: false }) as Search
  const navigate = useNavigate()
  const change = useCallback(
    (to: Change, { replace = false } = {}) =>
      void navigate({
        to: '.',
        search: (before: object) => ({ ...before, ...to }),
        replace,
        resetScroll: false,
      }),
    [navigate],
  )
  return [search, change]
}

export const useWorkspaceId = (): string => (useParams({ strict: false }) as { workspace: string }).workspace
