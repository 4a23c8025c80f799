/**
 * Under which address a request without a valid token is counted (G-6). Whoever has an IPv6 address has 2^64 of them, so the
 * network counts; an IPv4 address is the same one however it is written; and what a proxy forwards that is no address is
 * counted as the proxy's own, for anybody may send it.
 */
import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'

export const callerAddress = ({ ip, socket }: Pick<FastifyRequest, 'ip' | 'socket'>): string =>
  keyOf(ip) ?? keyOf(socket.remoteAddress ?? '') ?? NOWHERE

/** The socket is closed already. */
const NOWHERE = 'nowhere'

function keyOf(text: string): string | null {
  const address = withoutPort(text.trim())
  switch (isIP(address)) {
    case 4:
      return address
    case 6:
      return keyOfV6(groupsOf(address))
    default:
      return null
  }
}

/** Some proxies forward `1.2.3.4:56` or `[::1]:56`. */
const withoutPort = (text: string): string =>
  /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text

function keyOfV6(groups: readonly number[]): string {
  const isMappedV4 = groups.slice(0, 5).every(group => group === 0) && groups[5] === 0xffff
  if (isMappedV4)
    return groups
      .slice(6)
      .flatMap(group => [group >> 8, group & 0xff])
      .join('.')
  return `${groups
    .slice(0, 4)
    .map(group => group.toString(16))
    .join(':')}::/64`
}

/** The eight groups; WHATWG's URL knows all ways to write them. */
function groupsOf(address: string): number[] {
  const [withoutZone] = address.split('%')
  const [head = '', tail] = new URL(`http://[${withoutZone}]`).hostname.slice(1, -1).split('::')
  const groups = (part: string) =>
    part
      .split(':')
      .filter(Boolean)
      .map(group => Number.parseInt(group, 16))
  const [first, last] = [groups(head), groups(tail ?? '')]
  return [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last]
}
