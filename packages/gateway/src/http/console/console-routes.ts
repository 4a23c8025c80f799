/**
 * The console's realm: a person who is signed in, on routes of the API's server below `/console/api/`. What it does is a verb of
 * the one door, as far as the person's role goes; beside that there are signing in and out, in `session-routes.ts`. A token of
 * the API or of the management API opens nothing here, and a session nothing there: nobody looks for one where the other counts.
 */
import {
  CONSOLE_API_PATH,
  consoleVerbPath,
  type OperatorReply,
  operatorVerbs,
  type VerbName,
} from '@qunhub/wire'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { PasswordCost } from '../../model/password.ts'
import type { VerbDeps } from '../../operator/verb.ts'
import { GuessDelays } from '../../people/guess-delays.ts'
import { createPasswordBench } from '../../people/password-bench.ts'
import type { SignInDeps } from '../../people/sign-in.ts'
import { answerVerb, verbFor } from '../doors/verb-door.ts'
import { type AddressLimit, createRateLimit } from '../rate-limit.ts'
import { type BodyBytes, readBody } from '../read-body.ts'
import { type ConsoleGuard, createConsoleGuard } from './console-guard.ts'
import { personAsking } from './person-asking.ts'
import { malformed, refused } from './refused.ts'
import { sessionRoutes } from './session-routes.ts'
import { createRefusalTeller } from './tell-of-refusals.ts'

export interface ConsoleDeps {
  readonly operator: VerbDeps
  /** Per address, for requests without a session. */
  readonly addressLimit: AddressLimit
  /** The bots are played by the simulator. */
  readonly isSimulated: boolean
  /** Tests hash cheaply; nobody else does. */
  readonly passwordCost?: PasswordCost | undefined
}

export interface ConsoleSettings {
  readonly publicUrl?: string | undefined
}

export function consoleRoutes(app: FastifyInstance, settings: ConsoleSettings, deps: ConsoleDeps): void {
  const { operator } = deps
  const signIn: SignInDeps = {
    ...operator,
    passwords: createPasswordBench(operator, deps.passwordCost),
    delays: new GuessDelays(operator.clock),
  }
  const guard = createConsoleGuard(settings, { ...deps, personLimit: createRateLimit(operator.clock) })
  sessionRoutes(app, { ...deps, signIn, guard, tellOfRefusal: createRefusalTeller(operator) })
  for (const verb of Object.keys(operatorVerbs) as VerbName[])
    app.post(CONSOLE_API_PATH + consoleVerbPath(verb), (request, reply) =>
      answer(verb, request, reply, { operator, guard }),
    )
}

/** Origin, session, limit, role, then input: the first refusal wins. */
async function answer(
  name: VerbName,
  request: FastifyRequest,
  reply: FastifyReply,
  { operator, guard }: { operator: VerbDeps; guard: ConsoleGuard },
): Promise<OperatorReply | string> {
  const admitted = await guard.signedIn(request, reply)
  if ('instead' in admitted) return admitted.instead
  const verb = verbFor({ realm: 'console', role: admitted.person.role }, name)
  if (!verb) return refused(reply, 403, 'role-too-low')

  const body = readBody(request.body as BodyBytes)
  if (!body.ok) return malformed(reply, body.detail)
  const answered = await answerVerb(verb, body.value, operator, personAsking(admitted.person))
  reply.code(answered.status)
  return answered.reply
}
