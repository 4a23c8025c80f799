import type { MoveVerb } from './use-moves.ts'

/** How often it is looked for what a move caused, and how long that may take. */
export const LOOK_EVERY_MS = 1_000
export const WAIT_MAX_MS = 20_000
export const CAUSED_SHOWN_MAX = 5

/** What is to be expected of a move: callbacks about its room, another state of a bot, or nothing to be seen. */
export function causes(verb: MoveVerb): 'callbacks' | 'session' | 'nothing' {
  switch (verb) {
    case 'simulate-join':
    case 'simulate-leave':
    case 'simulate-card':
    case 'simulate-crowd':
      return 'callbacks'
    case 'simulate-account':
      return 'session'
    case 'simulate-message':
    case 'simulate-fault':
    case 'clear-simulated-faults':
      return 'nothing'
    default:
      return verb satisfies never
  }
}

/**
 * In which workspaces it is looked, by how many callbacks each had (undefined: it has not answered): the one that is shown; the
 * others only while that one has none; and of them, once one has some, no more than that.
 */
export function whomToAsk<W>(
  here: W,
  others: readonly W[],
  had: (workspace: W) => number | undefined,
): readonly W[] {
  if (had(here) !== 0) return [here]
  const found = others.find(each => had(each))
  return [here, ...(found === undefined ? others : [found])]
}

type AccountState = 'online' | 'offline' | 'logged-out' | 'awaiting-scan'

/** What an account may become from what it is. */
export function stepsOf(state: AccountState): readonly (AccountState | 'scanned')[] {
  if (state === 'awaiting-scan') return ['scanned', 'logged-out']
  return (['online', 'offline', 'logged-out', 'awaiting-scan'] as const).filter(each => each !== state)
}
