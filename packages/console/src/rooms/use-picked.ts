import { useCallback, useState } from 'react'

/** A tag is put on so many rooms at once. */
const PICKED_MAX = 1000
const NONE: ReadonlySet<string> = new Set()

/** What is ticked, page after page; of other conditions, or another workspace, nothing is ticked. */
export function usePicked(of: string) {
  const [state, setState] = useState({ of, ids: NONE })
  const picked = state.of === of ? state.ids : NONE
  const pick = useCallback(
    (ids: readonly string[], isPicked: boolean) =>
      setState(before => {
        const next = new Set(before.of === of ? before.ids : NONE)
        for (const id of ids) {
          if (!isPicked) next.delete(id)
          else if (next.size < PICKED_MAX) next.add(id)
        }
        return { of, ids: next }
      }),
    [of],
  )
  return { picked, pick }
}
