/**
 * The one way to a verb over a socket. Three listeners lead here (decision 0073): the operator's door (a secret in a
 * note on this machine), the door between nodes (the secret that they share) and the API's, for the management API (a token of
 * a workspace) and the console (a person's session).
 * Each says who asks, and carries the bytes; whether he may, the contract says (`mayUse`), and how a verb is answered is said here.
 */
import { type Asker, mayUse, type OperatorReply, operatorVerbs, type VerbName } from '@qunhub/wire'
import type { AskedBy } from '../../operator/audit.ts'
import { runVerb, tellTyped } from '../../operator/run-verb.ts'
import { MALFORMED, type VerbDeps } from '../../operator/verb.ts'

/** A verb, and somebody who may use it: only {@link verbFor} makes one. */
export interface Admitted {
  readonly verb: VerbName
  readonly who: Asker
}

/** A refusal of the verb is an answer like any other; only what it could not read is not. */
export interface VerbAnswer {
  readonly status: 200 | 400
  readonly reply: OperatorReply
}

/** Undefined where there is no verb of this name, or none that whoever asks may use. */
export const verbFor = (who: Asker, name: string | undefined): Admitted | undefined =>
  name !== undefined && Object.hasOwn(operatorVerbs, name) && mayUse(name as VerbName, who)
    ? { verb: name as VerbName, who }
    : undefined

/** Without `askedBy` nothing is written down of it. Throws what the store throws. */
export async function answerVerb(
  { verb, who }: Admitted,
  input: unknown,
  deps: VerbDeps,
  askedBy?: AskedBy,
): Promise<VerbAnswer> {
  // Only who typed it himself is told what he typed.
  const isTyped = who.realm === 'machine' || who.realm === 'console'
  const reply = await runVerb(
    verb,
    input,
    { ...deps, ...(askedBy && { askedBy }) },
    isTyped ? tellTyped : undefined,
  )
  return { status: !reply.ok && reply.refused === MALFORMED ? 400 : 200, reply }
}
