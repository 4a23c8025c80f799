import type { OperatorReply } from '@qunhub/wire'
import { MALFORMED } from '../operator/verb.ts'
import { EXIT_FAILED, EXIT_USAGE } from './exit-codes.ts'
import type { Shell } from './shell.ts'
import { plainLines } from './show/column-width.ts'

/** Tells on stderr what was refused and returns the exit code. */
export function tellRefusal(
  reply: OperatorReply & { readonly ok: false },
  { err }: Pick<Shell, 'err'>,
  asJson: boolean,
): number {
  err(asJson ? json(reply) : `${plainLines(reply.message)}\n`)
  return USAGE_REFUSALS.has(reply.refused) ? EXIT_USAGE : EXIT_FAILED
}

/** What was typed is not enough, or too much, to say what is meant; nothing was tried. */
const USAGE_REFUSALS: ReadonlySet<string> = new Set([
  MALFORMED,
  'address-unclear',
  'callbacks-unclear',
  'nothing-to-set',
  'replay-unclear',
  'workspace-unclear',
])

/** JSON that may also be looked at: control characters that JSON leaves as they are could move a terminal's cursor. */
export const json = (value: unknown): string => `${inert(JSON.stringify(value, null, 2))}\n`

/** JSON as it may be looked at. */
export const inert = (json: string): string =>
  json.replace(/[\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/g, escaped)

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
