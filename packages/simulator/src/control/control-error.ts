import { ZodError } from 'zod'
import { TooManyFaults } from '../faults/faults.ts'
import { StateFileUnwritable } from '../state-file.ts'
import { UnknownId, WeComRefused } from '../world/refused.ts'
import { complain } from './complain.ts'

/** A request that cannot be carried out, and the HTTP status that says so. */
export class ControlError extends Error {
  override readonly name = 'ControlError'
  readonly status: number
  readonly headers: Record<string, string>

  constructor(status: number, message: string, headers: Record<string, string> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

export interface ErrorReply {
  status: number
  headers: Record<string, string>
  body: { error: string; field?: string; reason?: string }
}

/** Every error that a caller may see, in one place; null: it is our own fault, and the caller sees a 500. */
export function errorReply(error: unknown): ErrorReply | null {
  if (error instanceof ControlError) return reply(error.status, { error: error.message }, error.headers)
  if (error instanceof UnknownId) return reply(404, { error: error.message })
  if (error instanceof WeComRefused) return reply(409, { error: error.message, reason: error.reason })
  if (error instanceof TooManyFaults) return reply(409, { error: error.message })
  if (error instanceof StateFileUnwritable) return reply(500, { error: error.message })
  if (error instanceof ZodError) return reply(400, complain(error.issues[0]))
  return null
}

const reply = (
  status: number,
  body: ErrorReply['body'],
  headers: Record<string, string> = {},
): ErrorReply => ({
  status,
  headers,
  body,
})
