import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

/** What is wrong when a sealed secret cannot be opened: another master key, or a damaged row. */
export class SealBroken extends Error {
  override name = 'SealBroken'
}

const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * Keeps secrets out of the store: tokens as HMACs, puppet tokens and signing secrets sealed (AES-256-GCM).
 * Both keys are derived from one master key of 32 bytes that lives outside the database.
 */
export class Keyring {
  readonly #pepper: Buffer
  readonly #sealKey: Buffer

  constructor(masterKey: Uint8Array) {
    if (masterKey.length !== 32) throw new RangeError('the master key has 32 bytes')
    this.#pepper = Buffer.from(hkdfSync('sha256', masterKey, '', 'qunhub token pepper', 32))
    this.#sealKey = Buffer.from(hkdfSync('sha256', masterKey, '', 'qunhub seal', 32))
  }

  /** What the store knows of a token, and finds it by. */
  hashToken(token: string): Buffer {
    return createHmac('sha256', this.#pepper).update(token).digest()
  }

  /** nonce ‖ ciphertext ‖ tag. */
  seal(secret: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.#sealKey, nonce)
    return Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()])
  }

  open(sealed: Uint8Array): string {
    const bytes = Buffer.from(sealed)
    const decipher = createDecipheriv('aes-256-gcm', this.#sealKey, bytes.subarray(0, NONCE_BYTES))
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
    try {
      return (
        decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      )
    } catch (cause) {
      throw new SealBroken('a sealed secret does not open: was the master key replaced?', { cause })
    }
  }
}
