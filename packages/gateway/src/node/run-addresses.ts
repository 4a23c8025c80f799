/**
 * Which addresses this node sends to, where several nodes share the store: its fair share, as of bots (take-share.ts). The
 * courier reads in each of its looks what the store says that the node runs; here that is changed. An address is given back in
 * this order: nothing more is begun, what is in flight has ended and is kept, and then its row says that nobody runs it.
 */

import type { Database } from '../store/database/database.ts'
import {
  claimAddresses,
  countAddresses,
  releaseAddress,
  youngestAddresses,
} from '../store/outbox/claim-addresses.ts'
import type { AddressTenure } from '../store/outbox/run-address.ts'
import type { Log } from '../system/log.ts'
import type { Membership } from './membership.ts'
import { takeShare } from './take-share.ts'

export interface AddressRunner {
  /** Claims and gives back, as it is fair. Calls that overlap wait for one another. */
  round(): Promise<void>
}

export interface RunAddressesDeps {
  readonly db: Database
  readonly log: Log
  readonly membership: Pick<Membership, 'id' | 'isIn' | 'nodes'>
  readonly courier: {
    wake(): void
    /** Begins nothing more there; resolves when what is in flight has ended. */
    leave(addressId: string): Promise<void>
  }
}

export function runAddresses({ db, log, membership, courier }: RunAddressesDeps): AddressRunner {
  const leaving = new Set<string>()
  let last: Promise<void> = Promise.resolve()

  async function giveBack(tenure: AddressTenure): Promise<void> {
    const { addressId, fence } = tenure
    leaving.add(addressId)
    try {
      await courier.leave(addressId)
      await releaseAddress(db, tenure)
      log.info({ addressId, fence }, 'this node gave an address to the others')
    } catch (failure) {
      log.warn({ addressId, err: failure }, 'an address could not be given back yet')
    } finally {
      leaving.delete(addressId)
    }
  }

  const shared = {
    count: (nodeId: string) => countAddresses(db, nodeId),
    leaving: () => leaving.size,
    async claim(nodeId: string, limit: number) {
      const claimed = await claimAddresses(db, nodeId, limit)
      if (claimed === 0) return
      log.info({ node: nodeId, addresses: claimed }, 'this node sends to more addresses')
      courier.wake()
    },
    async giveBack(count: number) {
      const youngest = await youngestAddresses(db, membership.id, count + leaving.size)
      for (const tenure of youngest.filter(({ addressId }) => !leaving.has(addressId)).slice(0, count))
        void giveBack(tenure)
    },
  }
  const goRound = async (): Promise<void> => {
    // Where nobody shares the store everything is this node's.
    if (db.isShared && membership.isIn) await takeShare(membership, shared)
  }
  return {
    round() {
      last = last.then(goRound, goRound)
      return last
    },
  }
}
