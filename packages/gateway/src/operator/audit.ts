/**
 * What is written down of what operators, programs and people do: every verb that changes something, and the one that shows a
 * signing secret. A verb is written down when it has ended, also where it was refused or failed; what could not even be read
 * was no attempt. What was named stands beside it; of any other field a secret may stand in it, so it is not told.
 */
import type { OperatorReply, VerbName } from '@qunhub/wire'
import { done } from '../model/result.ts'
import { type AuditEntry, keepAuditEntry, listAuditEntries } from '../store/people/audit.ts'
import type { VerbDeps, Verbs } from './verb.ts'

/** By what right somebody asks, and who it is, as far as that is known. */
export type AskedBy = Pick<AuditEntry, 'realm' | 'whoId' | 'who'>

/** Whoever reads the secret of this machine. */
export const MACHINE: AskedBy = { realm: 'machine', whoId: null, who: '' }

const ABOUT_CHARACTERS_MAX = 2000

/** A console that shows a QR code asks for the login every ten seconds. */
const LOOKS = /^(list|show)-|^login-bot$/
export const isAudited = (verb: VerbName): boolean => !LOOKS.test(verb) || verb === 'show-callback-secret'

export type What = Pick<AuditEntry, 'workspaceId' | 'verb'> & {
  readonly named: Readonly<Record<string, unknown>>
}

/** Runs it, and writes down how it went. Throws what it throws, and where it cannot be written down. */
export async function audited(
  run: () => Promise<OperatorReply>,
  what: What,
  by: AskedBy,
  deps: Pick<VerbDeps, 'db' | 'random' | 'clock'>,
): Promise<OperatorReply> {
  const end = (outcome: string) => writeDown(what, outcome, by, deps)
  let reply: OperatorReply
  try {
    reply = await run()
  } catch (failure) {
    await end('failed')
    throw failure
  }
  await end(reply.ok ? 'done' : reply.refused)
  return reply
}

export const writeDown = (
  { workspaceId, verb, named }: What,
  outcome: string,
  by: AskedBy,
  { db, random, clock }: Pick<VerbDeps, 'db' | 'random' | 'clock'>,
): Promise<void> =>
  keepAuditEntry(db, random, { ...by, at: clock.now(), workspaceId, verb, about: shortened(named), outcome })

/** JSON as a whole, or of what is too long the names of the fields. */
function shortened(named: What['named']): string {
  const whole = JSON.stringify(named)
  if (whole.length <= ABOUT_CHARACTERS_MAX) return whole
  const sizes = Object.entries(named).map(([field, value]) => [
    field,
    Array.isArray(value) ? value.length : '…',
  ])
  return JSON.stringify(Object.fromEntries(sizes))
}

export const auditVerbs = {
  /** Newest first. `next` is what to give as `before` for the page behind this one. */
  'list-audit': async ({ limit, before }, { db }) => {
    const found = await listAuditEntries(db, { before, limit: limit + 1 })
    const page = found.slice(0, limit)
    return done({
      entries: page.map(({ about, ...entry }) => ({
        ...entry,
        about: JSON.parse(about) as Record<string, unknown>,
      })),
      next: found.length > limit ? (page.at(-1)?.id ?? null) : null,
    })
  },
} satisfies Verbs
