import { LRUCache } from 'lru-cache'
import type { Keyring } from '../model/keyring.ts'
import { openSecrets, secretsAt, type SigningSecret } from '../store/callback-addresses.ts'

/** Addresses whose secrets are kept open. */
const OPEN_MAX = 1000

/**
 * The secrets of addresses, opened once each: they sign every callback, and to open them takes longer than to sign. They
 * are known by their seal, so what was replaced is never taken for current.
 */
export class SigningSecrets {
  readonly #keyring: Keyring
  readonly #opened = new LRUCache<string, SigningSecret[]>({ max: OPEN_MAX })

  constructor(keyring: Keyring) {
    this.#keyring = keyring
  }

  /** Those with which a callback is signed at `now`, newest first. Throws SealBroken when they cannot be opened. */
  secretsAt(sealed: Uint8Array, now: number): string[] {
    const seal = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength).toString('latin1')
    const opened = this.#opened.get(seal) ?? openSecrets(this.#keyring, sealed)
    this.#opened.set(seal, opened)
    return secretsAt(opened, now)
  }
}
