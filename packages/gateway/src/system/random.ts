import { randomBytes, randomInt } from 'node:crypto'

/** Chance, handed to whoever needs it, so that tests can repeat it. */
export interface Random {
  bytes(count: number): Buffer
  /** A number in [0, 1). */
  fraction(): number
}

export const systemRandom: Random = {
  bytes: count => randomBytes(count),
  fraction: () => randomInt(2 ** 32) / 2 ** 32,
}

/** The form of workspace, chat, tag and bot ids: 24 lower-case hex. */
export const hex24 = (random: Random): string => random.bytes(12).toString('hex')
