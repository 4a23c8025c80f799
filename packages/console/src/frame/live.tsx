import { createContext, type ReactNode, useContext, useMemo, useState } from 'react'

interface Live {
  /** Nothing is asked by itself any more: no polling, nothing when the window is looked at again. */
  readonly isPaused: boolean
  toggle(): void
}

const Here = createContext<Live>({ isPaused: false, toggle: () => undefined })

export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const [isPaused, setPaused] = useState(false)
  const live = useMemo(() => ({ isPaused, toggle: () => setPaused(before => !before) }), [isPaused])
  return <Here value={live}>{children}</Here>
}

export const useLive = (): Live => useContext(Here)
