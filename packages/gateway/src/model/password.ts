/** Passwords of people, as they are kept: scrypt, with what it cost beside the hash, so that the cost may grow later. */
import { scrypt, timingSafeEqual } from 'node:crypto'

/** `N` is memory and time, 128·N·r bytes; `p` time alone. */
export interface PasswordCost {
  readonly N: number
  readonly r: number
  readonly p: number
}

/** 32 MiB and a quarter of a second of one core: as much as OWASP asks for, in the memory that a small gateway has to spare. */
export const PASSWORD_COST: PasswordCost = { N: 2 ** 15, r: 8, p: 3 }
export const SALT_BYTES = 16
const HASH_BYTES = 32
/** Whatever a row says: nobody is to be made to spend more than this. */
const MEMORY_BYTES_MAX = 256 * 1024 * 1024

/** `scrypt$N$r$p$salt$hash`. */
export async function hashPassword(
  password: string,
  salt: Uint8Array,
  cost: PasswordCost = PASSWORD_COST,
): Promise<string> {
  const hash = await derive(password, salt, cost)
  return ['scrypt', cost.N, cost.r, cost.p, base64(salt), base64(hash)].join('$')
}

/** Takes as long whether it is the one or not. */
export async function isPassword(password: string, kept: string): Promise<boolean> {
  const [scheme, N, r, p, salt, hash] = kept.split('$')
  if (scheme !== 'scrypt' || !salt || !hash) return false
  const cost = { N: Number(N), r: Number(r), p: Number(p) }
  const derived = await derive(password, Buffer.from(salt, 'base64url'), cost)
  const wanted = Buffer.from(hash, 'base64url')
  return wanted.length === derived.length && timingSafeEqual(wanted, derived)
}

/** The same text, however a keyboard composes it. In libuv's pool, not on the event loop. */
const derive = (password: string, salt: Uint8Array, { N, r, p }: PasswordCost): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const options = { N, r, p, maxmem: MEMORY_BYTES_MAX }
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (failure, derived) =>
      failure ? reject(failure) : resolve(derived),
    )
  })

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
