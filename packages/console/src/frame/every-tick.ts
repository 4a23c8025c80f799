/** Who wants to be told of the time, by how often: one timer for all of them, for a list has a hundred moments. */
const told = new Map<number, { readonly listeners: Set<() => void>; readonly timer: number }>()

/** Until what it returns is called. All who are told as often are told at once, so that what they show is drawn at once, too. */
export function everyTick(ms: number, tell: () => void): () => void {
  const { listeners, timer } = told.get(ms) ?? begin(ms)
  listeners.add(tell)
  return () => {
    listeners.delete(tell)
    if (listeners.size > 0) return
    clearInterval(timer)
    told.delete(ms)
  }
}

function begin(ms: number) {
  const listeners = new Set<() => void>()
  const timer = window.setInterval(() => {
    for (const tell of listeners) tell()
  }, ms)
  const begun = { listeners, timer }
  told.set(ms, begun)
  return begun
}
