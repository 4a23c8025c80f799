import { errors } from 'undici'
import { AddressRefused } from '../model/address-guard.ts'
import type { ErrorClass } from './outcome.ts'

/** A connection that never came about. Apart from one that broke, because then the receiver may have heard us. */
export class CannotConnect extends Error {
  override name = 'CannotConnect'
  readonly errorClass: ErrorClass

  constructor(origin: string, cause: Error) {
    super(`no connection to ${origin}`, { cause })
    this.errorClass = connectErrorClass(cause)
  }
}

/** Which kind of failure an error of the HTTP client is. */
export function errorClassOf(error: Error): ErrorClass {
  if (error instanceof CannotConnect) return error.errorClass
  const code = codeOf(error)
  if (TIMEOUTS.has(code)) return 'timeout'
  if (error instanceof errors.SocketError && OUR_HANG_UPS.has(error.message)) return 'bad-response'
  if (error instanceof errors.SocketError || HANG_UPS.has(code)) return 'reset'
  return 'bad-response'
}

// What fails after the name was looked up, and not in a system call, failed in the handshake.
const connectErrorClass = (error: Error): ErrorClass => {
  if (error instanceof AddressRefused) return 'address-refused'
  // Several addresses were tried, each with an error of its own; the first is as telling as any.
  if (error instanceof AggregateError && error.errors[0] instanceof Error)
    return connectErrorClass(error.errors[0])
  if (TIMEOUTS.has(codeOf(error))) return 'timeout'
  switch ((error as NodeJS.ErrnoException).syscall) {
    case 'getaddrinfo':
      return 'dns'
    case 'connect':
      return 'connect'
    default:
      return 'tls'
  }
}

const TIMEOUTS: ReadonlySet<string> = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
])
/** Of the client itself, on a 100 or 101 that nobody asked for. It has no codes of their own for them. */
const OUR_HANG_UPS: ReadonlySet<string> = new Set(['bad response', 'bad upgrade'])
const HANG_UPS: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED'])

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '')
