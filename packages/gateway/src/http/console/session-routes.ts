/** Who is signed in at the console, and signing in and out. */
import {
  CONSOLE_API_PATH,
  type ConsoleSession,
  complain,
  consoleEndpoints,
  type OperatorReply,
} from '@qunhub/wire'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Result } from '../../model/result.ts'
import { writeDown } from '../../operator/audit.ts'
import { type Begun, changePassword, type SignInDeps, setUp, signIn } from '../../people/sign-in.ts'
import { hasOwner } from '../../store/people/people.ts'
import { endSession, endSessionsOf, findSession, type SessionOfPerson } from '../../store/people/sessions.ts'
import { listWorkspaces } from '../../store/workspaces/workspaces.ts'
import { SECOND_MS } from '../../system/clock.ts'
import { VERSION } from '../../version.ts'
import { callerAddress } from '../caller-address.ts'
import { type BodyBytes, readBody } from '../read-body.ts'
import type { ConsoleGuard } from './console-guard.ts'
import { personAsking } from './person-asking.ts'
import { malformed } from './refused.ts'
import { readSessionCookie } from './session-cookie.ts'
import type { NotLetIn } from './tell-of-refusals.ts'

export interface SessionRouteDeps {
  readonly signIn: SignInDeps
  readonly guard: ConsoleGuard
  readonly tellOfRefusal: (what: NotLetIn) => void
  readonly isSimulated: boolean
}

type Endpoints = typeof consoleEndpoints
type Answer = Promise<OperatorReply | string>

export function sessionRoutes(app: FastifyInstance, deps: SessionRouteDeps): void {
  const { guard } = deps
  const { db, keyring } = deps.signIn

  const route = (
    name: keyof Endpoints,
    answer: (request: FastifyRequest, reply: FastifyReply) => Answer,
  ): void => {
    const { method, path } = consoleEndpoints[name]
    app.route({ method, url: CONSOLE_API_PATH + path, handler: answer })
  }

  route('session', async (request, reply) => {
    const found = await guard.whoever(request, reply)
    return 'instead' in found ? found.instead : done(await describe(found.person, deps))
  })

  route('setUp', (request, reply) =>
    begin('setUp', request, reply, deps, (given, address) => setUp(given, { address }, deps.signIn)),
  )

  route('signIn', (request, reply) =>
    begin('signIn', request, reply, deps, (given, address) =>
      signIn(given, { address, shown: readSessionCookie(request.headers.cookie) }, deps.signIn),
    ),
  )

  route('changePassword', (request, reply) =>
    begin('changePassword', request, reply, deps, async (given, address) => {
      const admitted = await guard.signedIn(request, reply)
      if ('instead' in admitted) return admitted
      return changePassword(given, { address, person: admitted.person }, deps.signIn)
    }),
  )

  route('signOut', async (request, reply) => {
    const admitted = await guard.signedIn(request, reply)
    if ('instead' in admitted) return admitted.instead
    await endSession(db, keyring.hashToken(readSessionCookie(request.headers.cookie)!))
    guard.handOut(request, reply, null)
    return done({})
  })

  route('signOutEverywhere', async (request, reply) => {
    const admitted = await guard.signedIn(request, reply)
    if ('instead' in admitted) return admitted.instead
    const ended = await db.write(tx => endSessionsOf(tx, admitted.person.personId))
    await writeDown(SIGNED_OUT, 'done', personAsking(admitted.person), deps.signIn)
    guard.handOut(request, reply, null)
    return done({ ended })
  })
}

/** What ends in a new session: its cookie, and what `GET session` says from now on. */
async function begin<N extends 'setUp' | 'signIn' | 'changePassword'>(
  name: N,
  request: FastifyRequest,
  reply: FastifyReply,
  deps: SessionRouteDeps,
  attempt: (
    given: z.output<Endpoints[N]['input']>,
    address: string,
  ) => Promise<Result<Begun, string> | { readonly instead: OperatorReply | string }>,
): Answer {
  const { guard, signIn: on } = deps
  const foreign = guard.fromOurPage(request, reply)
  if (foreign) return foreign.instead
  const found = await guard.whoever(request, reply)
  if ('instead' in found) return found.instead

  const body = readBody(request.body as BodyBytes)
  if (!body.ok) return malformed(reply, body.detail)
  const read = consoleEndpoints[name].input.safeParse(body.value)
  // What is given is never told: a password may stand in the wrong field.
  if (!read.success) return malformed(reply, complain(read.error, body.value))

  const address = callerAddress(request)
  const begun = await attempt(read.data as z.output<Endpoints[N]['input']>, address)
  if ('instead' in begun) return begun.instead
  if (!begun.ok) {
    const { refused, detail } = begun
    deps.tellOfRefusal({
      ...{ asked: name, refused, address },
      ...(refused === 'credentials-wrong' && detail !== undefined && { person: detail }),
    })
    return refusal(name, reply, begun)
  }
  guard.handOut(request, reply, begun.value.sessionId)
  const session = await findSession(on.db, on.keyring.hashToken(begun.value.sessionId), on.clock.now())
  if (session)
    await writeDown(
      { verb: WRITTEN_AS[name], workspaceId: null, about: {} },
      'done',
      personAsking(session),
      on,
    )
  return done(await describe(session ?? null, deps))
}

/** What no verb is, and is written down all the same. */
const WRITTEN_AS = { setUp: 'set-up', signIn: 'sign-in', changePassword: 'change-password' } as const
const SIGNED_OUT = { verb: 'sign-out-everywhere', workspaceId: null, about: {} }

function refusal(
  name: keyof Endpoints,
  reply: FastifyReply,
  { refused, detail }: { readonly refused: string; readonly detail?: string },
): OperatorReply {
  if (refused === 'too-soon')
    reply.code(429).header('retry-after', String(Math.ceil(Number(detail) / SECOND_MS)))
  if (refused === 'busy') reply.code(503).header('retry-after', '1')
  const words: Readonly<Record<string, string>> = consoleEndpoints[name].refusals
  return { ok: false, refused, message: words[refused] ?? refused }
}

async function describe(
  person: SessionOfPerson | null,
  { signIn: { db }, isSimulated }: SessionRouteDeps,
): Promise<ConsoleSession> {
  return {
    signedIn: person && {
      id: person.personId,
      name: person.name,
      role: person.role,
      expiresAt: person.expiresAt,
    },
    workspaces: person ? await listWorkspaces(db) : [],
    version: VERSION,
    simulated: isSimulated,
    setupOpen: person ? false : !(await hasOwner(db)),
  }
}

const done = (value: unknown): OperatorReply => ({ ok: true, value })
