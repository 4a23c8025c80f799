import type { z } from 'zod'
import { alertVerbs } from './alert.ts'
import { botVerbs } from './bot.ts'
import { callbackVerbs } from './callback.ts'
import { chatVerbs } from './chat.ts'
import { contactVerbs } from './contact.ts'
import { nodeVerbs } from './node.ts'
import { tagVerbs } from './tag.ts'
import { tokenVerbs } from './token.ts'
import { workspaceVerbs } from './workspace.ts'

/** Everything operators can ask, by name; the door answers `POST /operator/<name>`. */
export const operatorVerbs = {
  ...workspaceVerbs,
  ...tokenVerbs,
  ...botVerbs,
  ...tagVerbs,
  ...chatVerbs,
  ...callbackVerbs,
  ...contactVerbs,
  ...alertVerbs,
  ...nodeVerbs,
} as const

export type VerbName = keyof typeof operatorVerbs
/** What a caller may send: defaults may stay away. */
export type VerbAsk<N extends VerbName> = z.input<(typeof operatorVerbs)[N]['input']>
/** What the verb works on, after parsing. */
export type VerbInput<N extends VerbName> = z.output<(typeof operatorVerbs)[N]['input']>
export type VerbOutput<N extends VerbName> = z.output<(typeof operatorVerbs)[N]['output']>
export type VerbRefusal<N extends VerbName> = keyof (typeof operatorVerbs)[N]['refusals'] & string
