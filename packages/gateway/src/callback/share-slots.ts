/** An address that has something to send now. */
export interface WaitingAddress {
  readonly addressId: string
  /** How many of its callbacks may be in flight (CB-10, CB-7). */
  readonly inFlightMax: number
}

export interface Share<A extends WaitingAddress = WaitingAddress> {
  readonly address: A
  /** How many of its rooms may begin now; at least 1. */
  readonly slots: number
}

/** Callbacks in flight in this process. Each is a socket and a body in memory, of 154 KB for a large room. */
export const IN_FLIGHT_MAX = 64

/** So many of them for addresses that are slow, all together: however many are, the others have the rest. */
export const SLOW_IN_FLIGHT_MAX = 32

/**
 * Who may have the free slots: one each in turn, up to each address's own maximum, so that a slow address takes no more
 * than its share (CB-10). `inFlight` has an address id for every slot in use. `waiting` is sorted by id; the first slot
 * goes to whoever stands behind `servedLast`. The last callback of the addresses in `slow` took long; they have
 * turns of their own, in that order: among those of the others, which are served many times meanwhile, the same ones would
 * stand first whenever one of their few slots comes free.
 */
export function shareSlots<A extends WaitingAddress>(
  waiting: readonly A[],
  inFlight: readonly string[],
  servedLast: string | null,
  slow: ReadonlySet<string> = new Set(),
): Share<A>[] {
  const isSlow = (addressId: string): boolean => slow.has(addressId)
  const used = new Map<string, number>()
  for (const addressId of inFlight) used.set(addressId, (used.get(addressId) ?? 0) + 1)
  const shares = [
    ...thoseOf(slow, waiting),
    ...fromBehind(waiting, servedLast).filter(({ addressId }) => !isSlow(addressId)),
  ].map(address => {
    const room = address.inFlightMax - (used.get(address.addressId) ?? 0)
    return { address, isSlow: isSlow(address.addressId), room, slots: 0 }
  })

  let free = IN_FLIGHT_MAX - inFlight.length
  let freeForSlow = SLOW_IN_FLIGHT_MAX - inFlight.filter(isSlow).length
  for (let given = free; given > 0; ) {
    given = 0
    for (const share of shares) {
      if (free <= 0 || share.slots >= share.room || (share.isSlow && freeForSlow <= 0)) continue
      share.slots++
      free--
      given++
      if (share.isSlow) freeForSlow--
    }
  }
  return shares.filter(share => share.slots > 0).map(({ address, slots }) => ({ address, slots }))
}

const fromBehind = <A extends WaitingAddress>(
  waiting: readonly A[],
  servedLast: string | null,
): readonly A[] => {
  const behind = waiting.findIndex(address => servedLast !== null && address.addressId > servedLast)
  return behind < 0 ? waiting : [...waiting.slice(behind), ...waiting.slice(0, behind)]
}

const thoseOf = <A extends WaitingAddress>(ids: ReadonlySet<string>, waiting: readonly A[]): A[] => {
  const byId = new Map(waiting.map(address => [address.addressId, address]))
  return [...ids].flatMap(id => byId.get(id) ?? [])
}
