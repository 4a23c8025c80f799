import type { Membership } from './membership.ts'

/** What nodes share out among themselves, each piece run by one of them under a fence: bots, addresses. */
export interface Shared {
  /** How many there are, how many nobody runs, and how many this node does, by what the store says. */
  count(nodeId: string): Promise<{ readonly all: number; readonly free: number; readonly mine: number }>
  /** So many of those that this node runs are on their way back to the others. */
  leaving(): number
  claim(nodeId: string, limit: number): Promise<void>
  /** Begins to give so many back; nobody waits for it. */
  giveBack(count: number): Promise<void> | void
}

/** Pieces that change their node in one round. */
const MOVES_PER_ROUND_MAX = 50

/** Claims what nobody runs, up to this node's fair share, or gives back what it has beyond. */
export async function takeShare(
  { id, nodes }: Pick<Membership, 'id' | 'nodes'>,
  shared: Shared,
): Promise<void> {
  const { all, free, mine } = await shared.count(id)
  const share = Math.ceil(all / Math.max(1, nodes.length))
  const staying = mine - shared.leaving()
  if (free > 0 && staying < share) await shared.claim(id, Math.min(free, share - staying))
  else if (staying > share) await shared.giveBack(Math.min(staying - share, MOVES_PER_ROUND_MAX))
}
