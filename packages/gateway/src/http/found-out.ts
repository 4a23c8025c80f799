import type { IncomingMessage } from 'node:http'
import type { FoundCaller } from '../store/workspaces/tokens.ts'
import type { Take } from './rate-limit.ts'

/**
 * What the short way found out about a request that it leaves to the ordinary one, or how that failed: so nothing is asked for,
 * waited for, or counted twice.
 */
export interface FoundOut {
  /** Whose it is, as the store said after the request had come. */
  readonly caller?: Promise<FoundCaller | undefined>
  /** A permit that was given or refused, or could not be asked for. */
  readonly take?: Promise<Take>
}

const known = new WeakMap<IncomingMessage, FoundOut>()

export const foundOut = (request: IncomingMessage): FoundOut => known.get(request) ?? {}

export function noteFoundOut(request: IncomingMessage, found: FoundOut): void {
  known.set(request, { ...known.get(request), ...found })
  // Whoever wants to know hears of a failure; it may be nobody.
  for (const asked of Object.values(found) as Promise<unknown>[]) asked.catch(() => {})
}
