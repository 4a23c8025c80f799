import type { LookupFunction } from 'node:net'
import { createSecureContext, getCACertificates } from 'node:tls'
import { buildConnector } from 'undici'
import { type AddressGuard, AddressRefused } from '../model/address-guard.ts'
import { madeOnce } from '../system/made-once.ts'

/**
 * Connects to what the guard allows, and to nothing else (CB-11). Three looks, because each alone can be evaded: a literal
 * is never looked up, a name may resolve to something else the next time, and what counts in the end is who the socket is
 * connected to. TLS begins on the connected socket, so that not even its greeting goes to a stranger.
 * `timeoutMs` for each of connecting and greeting; a certificate must be the host's, and be vouched for by whom this machine
 * trusts or by `ca` (PEM). Calls back with AddressRefused, or with what the socket fails with.
 */
export function connectGuarded(
  guard: AddressGuard,
  timeoutMs: number,
  ca?: string,
): buildConnector.connector {
  // With the first connection the HTTP client is read, and certificates are, too (P10).
  const connectors = madeOnce(() => ({
    dial: buildConnector({ timeout: timeoutMs, allowH2: false, lookup: lookupGuarded(guard) }),
    greet: buildConnector({ timeout: timeoutMs, allowH2: false, ...trusting(ca) }),
  }))

  return ({ servername, ...options }, callback) => {
    const { dial, greet } = connectors()
    const { hostname, protocol } = options
    const port = options.port || (protocol === 'https:' ? '443' : '80')
    const connect = () =>
      dial({ ...options, protocol: 'http:', port }, (error, socket) => {
        if (!socket) return callback(error!, null)
        const { remoteAddress = 'nowhere' } = socket
        if (!guard.allows(remoteAddress)) {
          socket.destroy()
          return callback(new AddressRefused(hostname, remoteAddress), null)
        }
        if (protocol !== 'https:') return callback(null, socket)
        greet({ ...options, ...(servername ? { servername } : {}), httpSocket: socket }, callback)
      })
    if (!isLiteral(hostname)) return connect()
    guard.addressesOf(hostname).then(connect, error => callback(error, null))
  }
}

/** Made once: to read all the certificates that a machine trusts takes longer than a handshake. */
const trusting = (ca: string | undefined) =>
  ca === undefined
    ? {}
    : { secureContext: createSecureContext({ ca: [...getCACertificates('default'), ca] }) }

/** A name of a parsed URL has neither colons nor a number at its end (WHATWG URL, host parsing). */
const isLiteral = (hostname: string): boolean => /:|(^|\.)\d+\.?$/.test(hostname)

const lookupGuarded =
  (guard: AddressGuard): LookupFunction =>
  (hostname, { all }, callback) => {
    guard.addressesOf(hostname).then(
      addresses => {
        if (all) return callback(null, [...addresses])
        const [{ address, family }] = addresses as [(typeof addresses)[number]]
        callback(null, address, family)
      },
      error => callback(error, ''),
    )
  }
