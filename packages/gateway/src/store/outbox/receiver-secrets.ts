/**
 * What a workspace and its receiver share, and nobody else may know: the secrets that callbacks are signed with, and the one
 * header that a receiver may want to see (CB-13). Sealed as one text, so that the store does not even show how many there are:
 * `whsec_b whsec_a@1764000000000`, newest first, and on a second line the header, where there is one.
 */
import type { Keyring } from '../../model/keyring.ts'

export interface SigningSecret {
  readonly secret: string
  /** Null for the newest, which stays. */
  readonly until: number | null
}

/** A header of the customer's own, with each callback: a key of an API gateway, a password. */
export interface ReceiverHeader {
  readonly name: string
  readonly value: string
}

export interface ReceiverSecrets {
  /** Newest first. */
  readonly signing: readonly SigningSecret[]
  readonly header: ReceiverHeader | null
}

export function sealSecrets(keyring: Keyring, { signing, header }: ReceiverSecrets): Uint8Array {
  const secrets = signing
    .map(({ secret, until }) => (until === null ? secret : `${secret}@${until}`))
    .join(' ')
  return keyring.seal(header === null ? secrets : `${secrets}\n${header.name}: ${header.value}`)
}

/** Throws SealBroken when they were sealed with another key. */
export function openSecrets(keyring: Keyring, sealed: Uint8Array): ReceiverSecrets {
  const [secrets = '', header] = keyring.open(sealed).split('\n')
  return { signing: secrets.split(' ').map(toSigningSecret), header: header ? toHeader(header) : null }
}

/** Those with which a callback is signed at `now`, newest first. */
export const secretsAt = (secrets: readonly SigningSecret[], now: number): string[] =>
  secrets.filter(({ until }) => until === null || until > now).map(({ secret }) => secret)

const toSigningSecret = (kept: string): SigningSecret => {
  const [secret = '', until] = kept.split('@')
  return { secret, until: until === undefined ? null : Number(until) }
}

const toHeader = (line: string): ReceiverHeader => {
  const colon = line.indexOf(': ')
  return { name: line.slice(0, colon), value: line.slice(colon + 2) }
}
