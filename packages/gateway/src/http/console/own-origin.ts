/**
 * Whether a request that changes something comes from a page of ours: its `Origin` is the address by which the browser reached
 * us, or the one that is configured. A browser sends one with every such request, and no page can send another's. Behind a
 * proxy that we trust, the address is the one that the proxy tells (as `caller-address.ts` takes its word).
 */
import type { FastifyRequest } from 'fastify'

/** Undefined where it is not ours. */
export function ownOrigin(
  { headers, protocol, host }: Pick<FastifyRequest, 'headers' | 'protocol' | 'host'>,
  publicUrl: string | undefined,
): URL | undefined {
  const origin = readOrigin(headers.origin)
  if (!origin) return undefined
  const ours = [`${protocol}://${host}`, ...(publicUrl ? [publicUrl] : [])]
  return ours.some(url => readOrigin(url)?.origin === origin.origin) ? origin : undefined
}

/** `null`, which a sandboxed page sends, is none. */
const readOrigin = (text: string | undefined): URL | undefined => {
  const url = text === undefined ? null : URL.parse(text)
  return url && (url.protocol === 'http:' || url.protocol === 'https:') ? url : undefined
}
