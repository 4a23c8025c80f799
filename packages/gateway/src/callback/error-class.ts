import { errors } from 'undici'
import { AddressRefused } from '../model/address-guard.ts'
import { notHttpReason, reasonOf, tlsReasonOf } from '../model/failure-reason.ts'
import type { ErrorClass } from './outcome.ts'

/** A connection that never came about. Apart from one that broke, because then the receiver may have heard us. */
export class CannotConnect extends Error {
  override name = 'CannotConnect'
  readonly failure: Failure

  constructor(origin: string, cause: Error) {
    super(`no connection to ${origin}`, { cause })
    this.failure = connectFailure(cause)
  }
}

/** Which kind of failure it is, and why it came about, where more is known than the kind. */
export interface Failure {
  readonly errorClass: ErrorClass
  readonly reason: string | null
}

/** What an error of the HTTP client comes to. */
export function failureOf(error: Error): Failure {
  if (error instanceof CannotConnect) return error.failure
  const errorClass = errorClassOf(error)
  if (errorClass === 'bad-response') return { errorClass, reason: notHttpReason(stumbledOver(error)) }
  return { errorClass, reason: errorClass === 'tls' ? tlsReasonOf(error) : reasonOf(error) }
}

function errorClassOf(error: Error): ErrorClass {
  const code = codeOf(error)
  // Since TLS 1.3 a receiver may refuse us when our side of the handshake is over already.
  if (code.startsWith('ERR_SSL_')) return 'tls'
  if (TIMEOUTS.has(code)) return 'timeout'
  if (error instanceof errors.SocketError && OUR_HANG_UPS.has(error.message)) return 'bad-response'
  if (error instanceof errors.SocketError || HANG_UPS.has(code)) return 'reset'
  return 'bad-response'
}

// What fails after the name was looked up, and not in a system call, failed in the handshake.
const connectFailure = (error: Error): Failure => {
  // Several addresses were tried, each with an error of its own; the first is as telling as any.
  if (error instanceof AggregateError && error.errors[0] instanceof Error)
    return connectFailure(error.errors[0])
  const errorClass = connectErrorClass(error)
  return { errorClass, reason: errorClass === 'tls' ? tlsReasonOf(error) : reasonOf(error) }
}

const connectErrorClass = (error: Error): ErrorClass => {
  if (error instanceof AddressRefused) return 'address-refused'
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

/** The parser's words are always its own, never the receiver's. */
const stumbledOver = (error: Error): string | undefined => {
  if (error instanceof errors.ResponseContentLengthMismatchError) return 'lengths that contradict each other'
  if (error instanceof errors.HeadersOverflowError) return 'its headers are too long'
  if (error instanceof errors.SocketError) return 'another protocol'
  return /\((.+)\)$/.exec(error.message)?.[1]
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
