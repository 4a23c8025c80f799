import type { z } from 'zod'
import { mayUse } from '../people/may-use.ts'
import { operatorVerbs, type VerbName } from './verbs.ts'

type OperatorVerbs = typeof operatorVerbs

export type ManagementVerbName = {
  [N in VerbName]: OperatorVerbs[N] extends { readonly byToken: true } ? N : never
}[VerbName]

/** What a management token may ask over HTTP, `POST /manage/<name>`, about its own workspace: the verbs that say so. */
export const managementVerbs = Object.fromEntries(
  Object.entries(operatorVerbs).filter(([name]) => mayUse(name as VerbName, { realm: 'management' })),
) as { readonly [N in ManagementVerbName]: OperatorVerbs[N] }

/** A verb's input over HTTP: the token says which workspace is meant. */
export const managementInput = (name: ManagementVerbName): z.ZodObject =>
  (managementVerbs[name].input as z.ZodObject).omit({ workspace: true })
