import type { z } from 'zod'
import { callbackVerbs } from './callback.ts'
import type { OperatorVerb } from './verb.ts'

/** What a token of the realm `manage` may ask over HTTP: `POST /manage/<name>`, about its own workspace. */
export const managementVerbs = callbackVerbs satisfies Readonly<Record<string, OperatorVerb>>

export type ManagementVerbName = keyof typeof managementVerbs

/** A verb's input over HTTP: the token says which workspace is meant. */
export const managementInput = (name: ManagementVerbName): z.ZodObject =>
  (managementVerbs[name].input as z.ZodObject).omit({ workspace: true })
