/** Who asks at the console, and whether the request may be heard at all: the same for every route of it. */
import type { OperatorReply } from '@qunhub/wire'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { VerbDeps } from '../../operator/verb.ts'
import { SESSION_MS } from '../../people/sign-in.ts'
import { findSession, type SessionOfPerson } from '../../store/people/sessions.ts'
import { SECOND_MS } from '../../system/clock.ts'
import { callerAddress } from '../caller-address.ts'
import type { AddressLimit, RateLimit } from '../rate-limit.ts'
import { tooMany } from '../too-many.ts'
import type { ConsoleSettings } from './console-routes.ts'
import { ownOrigin } from './own-origin.ts'
import { refused } from './refused.ts'
import { type CookieScope, noSessionCookie, readSessionCookie, sessionCookie } from './session-cookie.ts'

export type Instead = { readonly instead: OperatorReply | string }

export interface ConsoleGuard {
  /** Null where nobody is signed in. */
  whoever(
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<{ readonly person: SessionOfPerson | null } | Instead>
  /** For what changes something, or could: a page of ours asks, with JSON. */
  fromOurPage(request: FastifyRequest, reply: FastifyReply): Instead | undefined
  /** Both, and somebody is signed in. */
  signedIn(
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<{ readonly person: SessionOfPerson } | Instead>
  /** From this answer on the browser has this session, or null: none. */
  handOut(request: FastifyRequest, reply: FastifyReply, sessionId: string | null): void
}

interface GuardDeps {
  readonly operator: Pick<VerbDeps, 'db' | 'keyring' | 'clock'>
  readonly addressLimit: AddressLimit
  /** Per person. */
  readonly personLimit: RateLimit
}

export function createConsoleGuard(
  { publicUrl }: ConsoleSettings,
  { operator, addressLimit, personLimit }: GuardDeps,
): ConsoleGuard {
  const scopeOf = (request: FastifyRequest): CookieScope => ({
    isHttps: (ownOrigin(request, publicUrl)?.protocol ?? `${request.protocol}:`) === 'https:',
  })

  const guard: ConsoleGuard = {
    async whoever(request, reply) {
      const shown = readSessionCookie(request.headers.cookie)
      const { db, keyring, clock } = operator
      const person = shown && (await findSession(db, keyring.hashToken(shown), clock.now()))
      const take = person ? personLimit.take(person.personId) : addressLimit.take(callerAddress(request))
      if (!take.passed) return { instead: tooMany(reply, take) }
      if (person) request.facts.person = person.personId
      return { person: person || null }
    },

    fromOurPage(request, reply) {
      if (!ownOrigin(request, publicUrl)) return { instead: refused(reply, 403, 'origin-foreign') }
      if (hasBody(request) && !isJson(givenContentType(request)))
        return { instead: refused(reply, 415, 'not-json') }
      return undefined
    },

    async signedIn(request, reply) {
      const foreign = guard.fromOurPage(request, reply)
      if (foreign) return foreign
      const found = await guard.whoever(request, reply)
      if ('instead' in found) return found
      const { person } = found
      return person ? { person } : { instead: refused(reply, 401, 'not-signed-in') }
    },

    handOut(request, reply, sessionId) {
      const scope = scopeOf(request)
      reply.header(
        'set-cookie',
        sessionId === null ? noSessionCookie(scope) : sessionCookie(sessionId, SESSION_MS / SECOND_MS, scope),
      )
    },
  }
  return guard
}

/** A POST has one, however empty: without a type a form of another site could send it. */
const hasBody = ({ method, body }: FastifyRequest): boolean =>
  method === 'POST' || (Buffer.isBuffer(body) ? body.length > 0 : Boolean(body))

/** As it came: the page takes every body for JSON (G-1), so by now the header says that it is. */
function givenContentType({ raw: { rawHeaders } }: FastifyRequest): string | undefined {
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]!.toLowerCase() === 'content-type') return rawHeaders[at + 1]
  return undefined
}

const isJson = (type: string | undefined): boolean => /^application\/json\s*(;|$)/i.test(type?.trim() ?? '')
