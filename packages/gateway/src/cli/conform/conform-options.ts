/** What the command line says of what to look at. */
import type { Command } from 'commander'
import { z } from 'zod'
import type { SecretField } from '../read/take-secret.ts'
import type { ApiChoice } from './api/api-facts.ts'
import { CONTACTS_NEEDED } from './api/write-checks.ts'

export interface ConformOptions {
  readonly json?: true
  readonly api?: string
  readonly write?: true
  readonly bot?: string
  readonly contacts?: string
  readonly tag?: string
  readonly secretFile?: string
  readonly tokenFile?: string
}

export const secretField: SecretField = {
  field: 'secret',
  schema: z.string().meta({
    description:
      '回调签名密钥 (qunhub callback secret), 可有几个, 空格分隔 / signing secret, several with spaces between',
  }),
  isNeverTyped: true,
}

export const headerField: SecretField = {
  field: 'header',
  schema: z.string().optional().meta({
    description: '随回调发送的请求头 Name: value / a header that the receiver wants, Name: value',
  }),
  isNeverTyped: false,
}

export const tokenField: SecretField = {
  field: 'token',
  schema: z.string().meta({ description: 'API token / API token' }),
  isNeverTyped: true,
}

/** A receiver or an API, one of the two. */
export function readTarget(
  command: Command,
  receiver: string | undefined,
  { api }: ConformOptions,
): { readonly kind: 'receiver' | 'api'; readonly url: URL } {
  const given = receiver ?? api
  if (given === undefined || (receiver !== undefined && api !== undefined))
    return command.error(
      'error: 请给出接收方的地址, 或用 --api <url> 给出 API 的地址, 二者取一 / give the address of a receiver, or that of an API by --api <url>: one of the two',
    )
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (url && /^https?:$/.test(url.protocol) && url.hash === '')
    return { kind: receiver === undefined ? 'api' : 'receiver', url }
  return command.error(
    'error: 应为 http:// 或 https:// 的 URL, 不含 # / expected an http:// or https:// URL without #',
  )
}

/** Who acts and who is invited is never guessed: somebody would find himself in a room. */
export function readChoice(
  command: Command,
  { tag, bot, contacts: given, write }: ConformOptions,
  token: string,
): ApiChoice {
  const contacts = given?.split(',').filter(Boolean) ?? []
  const isEnough = bot !== undefined && new Set(contacts).size === CONTACTS_NEEDED
  if (!write || isEnough) return { token, tag, bot, contacts }
  return command.error(
    `error: --write 需要 --bot <userId> 与 --contacts 三个好友的 wxid, 逗号分隔 / --write wants --bot <userId>, and --contacts with the wxids of ${CONTACTS_NEEDED} friends`,
  )
}
