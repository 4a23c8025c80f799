import { Agent, errors } from 'undici'
import { z } from 'zod'
import type { FoundPuppet, PuppetAddress } from '../model/bot.ts'
import { isPrivateLink } from '../model/private-link.ts'
import { readUpTo } from '../model/read-up-to.ts'

/** Where the puppet is now, or why nobody knows. */
export type Finding = { readonly puppet: FoundPuppet } | { readonly puppet: null; readonly reason: string }

const ANSWER_BYTES_MAX = 4096
const NOWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::', ''])

/** Authorities answer `host` or, the older ones, `ip`; nowhere and port 0 where nobody has logged in with the token. */
const Hostie = z
  .object({
    host: z.string().max(253).optional(),
    ip: z.string().max(253).optional(),
    port: z.coerce.number().int().min(0).max(65_535),
  })
  .transform(({ host, ip, port }) => ({ host: host || ip || '', port }))

/**
 * Asks the authority that sold the token where its puppet service is, if that is how it is found. It is asked before each
 * connection, because hosted puppets change their address. Answers within `deadlineMs`, or at once when `signal` aborts, and never rejects.
 * The reason is in our own words: what an authority says may repeat the token.
 */
export async function findPuppet(
  address: PuppetAddress,
  { deadlineMs, signal }: { deadlineMs: number; signal: AbortSignal },
): Promise<Finding> {
  if (address.endpoint !== null) return { puppet: address }
  const { discovery, token, tls } = address
  const agent = new Agent({ connections: 1 })
  try {
    const answer = await agent.request({
      origin: originOf(discovery),
      path: `/v0/hosties/${token}`,
      method: 'GET',
      headers: { accept: 'application/json' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
    })
    if (answer.statusCode === 404) return nobody('the discovery authority does not know the token')
    if (answer.statusCode !== 200) return nobody(`the discovery authority answered ${answer.statusCode}`)
    const found = Hostie.safeParse(await readJson(answer.body))
    if (!found.success) return nobody('the discovery authority answered something else')
    const { host, port } = found.data
    if (NOWHERE.has(host) || port === 0)
      return nobody('nothing is logged in with the token, says the authority')
    const endpoint = `${host.includes(':') ? `[${host}]` : host}:${port}`
    return { puppet: { endpoint, token, tls } }
  } catch (failure) {
    if (!isFailure(failure)) throw failure
    return nobody('the discovery authority does not answer')
  } finally {
    await agent.destroy()
  }
}

/** The token must not be read on the way; only a stand-in on this machine has no certificate. */
export const originOf = (authority: string): string =>
  `${isPrivateLink(authority, 'loopback') ? 'http' : 'https'}://${authority}`

const nobody = (reason: string): Finding => ({ puppet: null, reason })

async function readJson(body: AsyncIterable<Buffer>): Promise<unknown> {
  const bytes = await readUpTo(ANSWER_BYTES_MAX, body)
  try {
    return bytes && JSON.parse(bytes.toString())
  } catch {
    return null
  }
}

/** Of the network, of TLS, of HTTP or of time; anything else is a fault of ours. */
const isFailure = (failure: unknown): boolean =>
  failure instanceof errors.UndiciError ||
  (failure instanceof Error && ('code' in failure || /^(Abort|Timeout)Error$/.test(failure.name)))
