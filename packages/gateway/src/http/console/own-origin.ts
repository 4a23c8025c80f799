/**
 * Whether a request that changes something comes from a page of ours. Where an address is configured, its `Origin` is that one,
 * or this machine's by which the browser reached us: any other name may have been pointed here by somebody else. Where none is,
 * it is the address by which the browser reached us; behind a proxy that we trust, the one that the proxy tells (as
 * `caller-address.ts` takes its word). A browser sends one with every such request, and no page can send another's.
 */
import type { FastifyRequest } from 'fastify'

/** Undefined where it is not ours. */
export function ownOrigin(
  { headers, protocol, host }: Pick<FastifyRequest, 'headers' | 'protocol' | 'host'>,
  publicUrl: string | undefined,
): URL | undefined {
  const origin = readOrigin(headers.origin)
  if (!origin) return undefined
  if (publicUrl && readOrigin(publicUrl)?.origin === origin.origin) return origin
  const isAsReached = readOrigin(`${protocol}://${host}`)?.origin === origin.origin
  return isAsReached && (!publicUrl || LOOPBACK.has(origin.hostname)) ? origin : undefined
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** `null`, which a sandboxed page sends, is none. */
const readOrigin = (text: string | undefined): URL | undefined => {
  const url = text === undefined ? null : URL.parse(text)
  return url && (url.protocol === 'http:' || url.protocol === 'https:') ? url : undefined
}
