/**
 * The way to an address, step by step, as a connection goes it: the name is looked up, what it stands for is vetted, a connection
 * is made to the vetted address and to no other, then TLS. Unlike a connection in earnest it looks at a certificate that it would not accept, to
 * say what is the matter with it; nothing is sent over such a connection.
 */
import { once } from 'node:events'
import { connect, isIP, type Socket } from 'node:net'
import { checkServerIdentity, connect as connectTls, getCACertificates, type TLSSocket } from 'node:tls'
import { type Clock, SECOND_MS, withDeadline } from './clock.ts'

const STEP_MAX_MS = 5 * SECOND_MS

/** How far it went; each step only where the one before was done. */
export interface Way {
  readonly host: string
  readonly isTls: boolean
  readonly name: Step<readonly { readonly address: string }[]>
  readonly connection?: Step<string>
  readonly certificate?: Step<Certificate>
}

export type Step<T> = { readonly ms: number } & ({ readonly got: T } | { readonly failure: Error })

export interface Certificate {
  readonly validTo: number
  /** Why a connection in earnest would not accept it; null where it would. */
  readonly refused: Error | null
  readonly protocol: string | null
}

export interface ReachDeps {
  /** Which addresses may be connected to. */
  readonly guard: { addressesOf(host: string): Promise<readonly { readonly address: string }[]> }
  readonly ca: string | undefined
  readonly clock: Clock
}

/** Never rejects. */
export async function reach({ hostname, port, protocol }: URL, deps: ReachDeps): Promise<Way> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const isTls = protocol === 'https:'
  const name = await step(deps.clock, 'looking the name up', () => deps.guard.addressesOf(hostname))
  if ('failure' in name) return { host, isTls, name }

  const to = { host: name.got[0]!.address, port: Number(port) || (isTls ? 443 : 80) }
  const socket = connect({ ...to, noDelay: true })
  // Each step hears of its own; what comes later is of no interest.
  socket.on('error', () => {})
  try {
    const connection = await step(deps.clock, 'connecting', async () => {
      await once(socket, 'connect')
      return `${to.host}:${to.port}`
    })
    if ('failure' in connection || !isTls) return { host, isTls, name, connection }
    const certificate = await step(deps.clock, 'the handshake', () => greet(socket, host, deps.ca))
    return { host, isTls, name, connection, certificate }
  } finally {
    socket.destroy()
  }
}

async function step<T>(clock: Clock, what: string, work: () => Promise<T>): Promise<Step<T>> {
  const begunAt = clock.now()
  const took = () => ({ ms: Math.max(0, clock.now() - begunAt) })
  try {
    return { got: await withDeadline(clock, STEP_MAX_MS, what, work()), ...took() }
  } catch (failure) {
    return { failure: failure as Error, ...took() }
  }
}

async function greet(socket: Socket, host: string, ca: string | undefined): Promise<Certificate> {
  const tls: TLSSocket = connectTls({
    socket,
    // So that it is shown, too, when it is not accepted.
    rejectUnauthorized: false,
    ...(isIP(host) ? {} : { servername: host }),
    ...(ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] }),
  })
  tls.on('error', () => {})
  try {
    await once(tls, 'secureConnect')
    const shown = tls.getPeerCertificate()
    const untrusted = tls.authorizationError ? codeError(String(tls.authorizationError)) : undefined
    return {
      validTo: Date.parse(shown.valid_to),
      refused: untrusted ?? checkServerIdentity(host, shown) ?? null,
      protocol: tls.getProtocol(),
    }
  } finally {
    tls.destroy()
  }
}

const codeError = (code: string): Error => Object.assign(new Error(code), { code })
