import type { Clock } from '../system/clock.ts'
import type { Membership } from './membership.ts'
import type { Peer } from './places.ts'

/** Pokes of so long are one: at the beginning of it, and what came meanwhile at its end. */
export const POKE_EVERY_MS = 50

/**
 * Tells the other nodes that something may be owed to addresses that they run, so that they need not find it by themselves.
 * Nobody waits for it, and one that is lost costs half a second: then they look (callback/courier.ts).
 */
export function pokePeers({
  clock,
  membership,
  poke,
}: {
  readonly clock: Clock
  readonly membership: Pick<Membership, 'id' | 'nodes'>
  readonly poke: (peer: Peer) => void
}): () => void {
  let isResting = false
  let isOwing = false
  const pokeAll = () => {
    isOwing = false
    isResting = true
    for (const { id, address } of membership.nodes)
      if (id !== membership.id && address !== null) poke({ id, address })
    clock.after(POKE_EVERY_MS, () => {
      isResting = false
      if (isOwing) pokeAll()
    })
  }
  return () => {
    isOwing = true
    if (!isResting && membership.nodes.length > 1) pokeAll()
  }
}
