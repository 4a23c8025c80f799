import type { z } from 'zod'
import { botVerbs } from './bot.ts'
import { callbackVerbs } from './callback.ts'
import type { OperatorVerb } from './verb.ts'
import { operatorVerbs, type VerbName } from './verbs.ts'

/**
 * What a token of the realm `manage` may ask over HTTP: `POST /manage/<name>`, about its own workspace. Of the verbs about
 * bots only those that look, and the login: adding one opens a connection to wherever it says, and logging one out can
 * only be undone by somebody with the phone.
 */
export const managementVerbs = {
  ...callbackVerbs,
  'list-bots': botVerbs['list-bots'],
  'show-bot': botVerbs['show-bot'],
  'login-bot': botVerbs['login-bot'],
} as const satisfies Readonly<Record<string, OperatorVerb>>

export type ManagementVerbName = keyof typeof managementVerbs

/**
 * Through which door a verb is asked: by the operator of this machine, by another node for a bot that runs here, or with a
 * management token for its workspace.
 */
export type VerbRealm = 'machine' | 'node' | 'manage'

/** Whether a realm may use a verb: the machine's operator all of them, a node those that run at the owner of a bot. */
export function mayUse(realm: VerbRealm, name: VerbName): boolean {
  if (realm === 'machine') return true
  return realm === 'node' ? 'runsAt' in operatorVerbs[name] : Object.hasOwn(managementVerbs, name)
}

/** A verb's input over HTTP: the token says which workspace is meant. */
export const managementInput = (name: ManagementVerbName): z.ZodObject =>
  (managementVerbs[name].input as z.ZodObject).omit({ workspace: true })
