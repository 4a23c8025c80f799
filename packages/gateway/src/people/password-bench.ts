/** Where passwords are hashed and compared: a few at once, for each takes 32 MiB and a core, and everything else goes on. */
import { hashPassword, isPassword, PASSWORD_COST, type PasswordCost, SALT_BYTES } from '../model/password.ts'
import { type Clock, SECOND_MS } from '../system/clock.ts'
import type { Random } from '../system/random.ts'
import { Semaphore, within } from '../system/semaphore.ts'

const AT_ONCE_MAX = 2
export const WAITING_MAX = 32
const WAIT_MAX_MS = 5 * SECOND_MS

export interface PasswordBench {
  /** Null where too many wait. */
  hash(password: string): Promise<string | null>
  /** Without one to compare it takes as long, so that nobody finds out whether there is such a person. */
  compare(password: string, kept: string | null | undefined): Promise<boolean | null>
}

export function createPasswordBench(
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  cost: PasswordCost = PASSWORD_COST,
): PasswordBench {
  const permits = new Semaphore(AT_ONCE_MAX)
  const atWork = async <T>(work: () => Promise<T>): Promise<T | null> => {
    if (permits.waiting >= WAITING_MAX || !(await permits.take(within(clock, WAIT_MAX_MS)))) return null
    try {
      return await work()
    } finally {
      permits.giveBack()
    }
  }
  return {
    hash: password => atWork(() => hashPassword(password, random.bytes(SALT_BYTES), cost)),
    compare: (password, kept) =>
      atWork(async () => {
        if (kept) return isPassword(password, kept)
        await hashPassword(password, random.bytes(SALT_BYTES), cost)
        return false
      }),
  }
}
