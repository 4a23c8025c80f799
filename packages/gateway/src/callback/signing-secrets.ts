import { LRUCache } from 'lru-cache'
import type { Keyring } from '../model/keyring.ts'
import {
  openSecrets,
  type ReceiverHeader,
  type ReceiverSecrets,
  secretsAt,
} from '../store/outbox/receiver-secrets.ts'

/** Addresses whose secrets are kept open. */
const OPEN_MAX = 1000

/**
 * The secrets of addresses, opened once each: they sign every callback, and to open them takes longer than to sign. They
 * are known by their seal, so what was replaced is never taken for current.
 */
export class SigningSecrets {
  readonly #keyring: Keyring
  readonly #opened = new LRUCache<string, ReceiverSecrets>({ max: OPEN_MAX })

  constructor(keyring: Keyring) {
    this.#keyring = keyring
  }

  /**
   * Those with which a callback is signed at `now`, newest first, and the header that the receiver wants to see. Throws
   * SealBroken when they cannot be opened.
   */
  at(sealed: Uint8Array, now: number): { secrets: string[]; header: ReceiverHeader | null } {
    const seal = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength).toString('latin1')
    const opened = this.#opened.get(seal) ?? openSecrets(this.#keyring, sealed)
    this.#opened.set(seal, opened)
    return { secrets: secretsAt(opened.signing, now), header: opened.header }
  }
}
