import ipaddr from 'ipaddr.js'

const PRIVATE_RANGES: ReadonlySet<string> = new Set(['private', 'uniqueLocal', 'linkLocal', 'loopback'])

/**
 * Whether `host:port` (or a host alone) is on this machine or a private network as it is written. A name says nothing of
 * where it leads, but for `localhost`.
 */
export function isPrivateLink(endpoint: string, kind: 'private' | 'loopback' = 'private'): boolean {
  const host = hostOf(endpoint)
  if (host === 'localhost') return true
  if (!ipaddr.isValid(host)) return false
  const range = ipaddr.process(host).range()
  return kind === 'loopback' ? range === 'loopback' : PRIVATE_RANGES.has(range)
}

/** Of `host:port` or a host alone; without brackets. */
export const hostOf = (endpoint: string): string =>
  /^\[(.+)\](:\d+)?$/.exec(endpoint)?.[1] ?? endpoint.replace(/:\d+$/, '')
