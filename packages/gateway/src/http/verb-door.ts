/**
 * The one way to a verb over a socket. Three servers lead here: the operator's door (a secret in a note on this machine), the
 * door between nodes (the secret that they share) and the management API (a token of a workspace). They differ in who they
 * let in and in how they carry bytes; which verbs a realm may use the contract says, and how one is answered is said here.
 */
import { mayUse, type OperatorReply, operatorVerbs, type VerbName, type VerbRealm } from '@qunhub/wire'
import { MALFORMED, runVerb, tellTyped } from '../operator/run-verb.ts'
import type { VerbDeps } from '../operator/verb.ts'

/** What was asked: the verb by its name, its input as it came, and in which realm. */
export interface VerbAsked {
  readonly verb: VerbName
  readonly input: unknown
  readonly realm: VerbRealm
}

/** A refusal of the verb is an answer like any other; only what it could not read is not. */
export interface VerbAnswer {
  readonly status: 200 | 400
  readonly reply: OperatorReply
}

/** The verb of this name, if there is one that the realm may use. */
export const verbIn = (realm: VerbRealm, name: string | undefined): VerbName | undefined =>
  name !== undefined && Object.hasOwn(operatorVerbs, name) && mayUse(realm, name as VerbName)
    ? (name as VerbName)
    : undefined

/** Throws what the store throws. */
export async function answerVerb({ verb, input, realm }: VerbAsked, deps: VerbDeps): Promise<VerbAnswer> {
  // Only who typed it himself is told what he typed.
  const reply = await runVerb(verb, input, deps, realm === 'machine' ? tellTyped : undefined)
  return { status: !reply.ok && reply.refused === MALFORMED ? 400 : 200, reply }
}
