/** What is read besides the address. Nothing that is a secret is repeated in a complaint. */
import type { Command } from 'commander'

const SECRETS_MAX = 5
/** What the gateway makes has 32 bytes; less than 16 can be guessed. */
const SECRET_BYTES_MIN = 16

/** One or several, with spaces or line breaks between. */
export function readSecrets(command: Command, text: string): readonly [string, ...string[]] {
  const secrets = text.split(/\s+/).filter(Boolean)
  const [first, ...others] = secrets
  if (first !== undefined && secrets.length <= SECRETS_MAX && secrets.every(isSecret))
    return [first, ...others]
  return command.error(
    `error: secret: 应为 whsec_ 加 base64, 最多 ${SECRETS_MAX} 个 (qunhub callback secret 可查看) / expected whsec_ and base64, ${SECRETS_MAX} at most; qunhub callback secret shows it`,
  )
}

const isSecret = (secret: string): boolean =>
  /^whsec_[A-Za-z0-9+/]+={0,2}$/.test(secret) &&
  Buffer.from(secret.slice('whsec_'.length), 'base64').length >= SECRET_BYTES_MIN

/** `X-Api-Key: word`. */
export function readHeader(command: Command, line: string): Record<string, string> {
  const [, name, value] = /^([\w-]{1,100}):[ \t]*([\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?)$/.exec(line) ?? []
  if (name !== undefined && value !== undefined) return { [name.toLowerCase()]: value }
  return command.error('error: header: 应为一行 Name: value / expected one line, Name: value')
}
