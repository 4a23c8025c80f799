import { consoleEndpoints, operatorVerbs } from '@qunhub/wire'
import type { Language } from '../preferences/preferences.ts'
import { inLanguage } from '../words/in-language.ts'

/** What the audit calls what no verb is: signing in and out. */
const OF_SESSIONS: Readonly<Record<string, { readonly summary: string }>> = {
  'set-up': consoleEndpoints.setUp,
  'sign-in': consoleEndpoints.signIn,
  'change-password': consoleEndpoints.changePassword,
  'sign-out-everywhere': consoleEndpoints.signOutEverywhere,
}

/** What was done, in the contract's own words; of what this version does not know, its name. */
export function wordsOfVerb(verb: string, language: Language): string {
  const verbs: Readonly<Record<string, { readonly summary: string }>> = operatorVerbs
  const declared = Object.hasOwn(verbs, verb) ? verbs[verb] : OF_SESSIONS[verb]
  return declared ? (inLanguage(declared.summary, language).split(/[:：,，;；]/)[0] ?? verb) : verb
}
