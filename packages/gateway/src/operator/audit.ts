/**
 * What is written down of what operators, programs and people do: every verb that changes something, and the one that shows a
 * signing secret. A verb is written down when it has ended, also where it was refused or failed; what could not even be read
 * was no attempt. What it was about stands beside it, as far as `told-in-audit.ts` has it. What is done is done: where the store
 * does not take the entry, the log gets it whole, and whoever asked gets his answer.
 */
import type { OperatorReply, VerbName } from '@qunhub/wire'
import { done } from '../model/result.ts'
import { StoreAway } from '../store/database/store-error.ts'
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
  readonly about: Readonly<Record<string, unknown>>
}

type AuditDeps = Pick<VerbDeps, 'db' | 'random' | 'clock' | 'log'>

/** Runs it, and writes down how it went: `ofValue` is what of its answer may be told. Throws what it throws, and nothing else. */
export async function audited(
  run: () => Promise<OperatorReply>,
  { ofValue, ...what }: What & { readonly ofValue: (value: unknown) => What['about'] },
  by: AskedBy,
  deps: AuditDeps,
): Promise<OperatorReply> {
  let reply: OperatorReply
  try {
    reply = await run()
  } catch (failure) {
    // Whoever asked has waited for a store that is away, and does not wait for it again.
    if (failure instanceof StoreAway) tellOfUnkept(entryOf(what, 'failed', by, deps), failure, deps)
    else await writeDown(what, 'failed', by, deps)
    throw failure
  }
  const about = reply.ok ? { ...what.about, ...ofValue(reply.value) } : what.about
  await writeDown({ ...what, about }, reply.ok ? 'done' : reply.refused, by, deps)
  return reply
}

/** Never throws: what it tells of has happened, whatever becomes of the entry. */
export async function writeDown(what: What, outcome: string, by: AskedBy, deps: AuditDeps): Promise<void> {
  const entry = entryOf(what, outcome, by, deps)
  try {
    await keepAuditEntry(deps.db, deps.random, entry)
  } catch (failure) {
    tellOfUnkept(entry, failure, deps)
  }
}

const tellOfUnkept = (entry: AuditEntry, failure: unknown, { log }: AuditDeps): void =>
  log.error({ entry, err: failure }, 'an entry of the audit could not be kept; here it is')

const entryOf = (
  { workspaceId, verb, about }: What,
  outcome: string,
  by: AskedBy,
  { clock }: AuditDeps,
): AuditEntry => ({ ...by, at: clock.now(), workspaceId, verb, about: shortened(about), outcome })

/** JSON as a whole, or of what is too long the names of the fields. */
function shortened(about: What['about']): string {
  const whole = JSON.stringify(about)
  if (whole.length <= ABOUT_CHARACTERS_MAX) return whole
  const sizes = Object.entries(about).map(([field, value]) => [
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
