/** A setup code as people read it off a terminal and type it: 80 bits, in letters and digits that nobody confuses. */
import type { Random } from '../system/random.ts'

/** Crockford's: no I, L, O, U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const GROUPS = 4
const GROUP_CHARACTERS = 4

/** `7Q4M-X1ZD-90KA-JT6W` */
export function newSetupCode(random: Random): string {
  const letters = [...random.bytes(GROUPS * GROUP_CHARACTERS)].map(byte => ALPHABET[byte % ALPHABET.length])
  return Array.from({ length: GROUPS }, (_, at) =>
    letters.slice(at * GROUP_CHARACTERS, (at + 1) * GROUP_CHARACTERS).join(''),
  ).join('-')
}

/** The same code, however it was typed. */
export const plainSetupCode = (typed: string): string =>
  typed
    .normalize('NFKC')
    .toUpperCase()
    .replaceAll(/[^0-9A-Z]/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1')
