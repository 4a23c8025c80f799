import { randomBytes, randomInt } from 'node:crypto'

/** Chance, handed to whoever needs it, so that tests can repeat it. */
export interface Random {
  bytes(count: number): Buffer
  /** A number in [0, 1). */
  fraction(): number
}

/** Asking the system costs as much for so many as for twelve; a callback asks for twelve. */
const POOL_BYTES = 4096

/** Each byte is given once, and stays nowhere else. */
function fromPool(): Random['bytes'] {
  let pool = Buffer.alloc(0)
  let given = 0
  return count => {
    if (count > POOL_BYTES) return randomBytes(count)
    if (given + count > pool.length) {
      pool = randomBytes(POOL_BYTES)
      given = 0
    }
    // Memory of its own: a small Buffer that is copied shares Node's with others.
    const bytes = Buffer.alloc(count)
    pool.copy(bytes, 0, given)
    pool.fill(0, given, given + count)
    given += count
    return bytes
  }
}

export const systemRandom: Random = {
  bytes: fromPool(),
  fraction: () => randomInt(2 ** 32) / 2 ** 32,
}

/** The form of workspace, chat, tag and bot ids: 24 lower-case hex. */
export const hex24 = (random: Random): string => random.bytes(12).toString('hex')
