/**
 * Whose a token is, never as it was before the request came (G-4, LT-9). Where this process alone commits, what is remembered holds
 * until the next commit that may change it, and costs nothing; where others commit too, the store is asked for all who ask at once.
 */
import type { Keyring } from '../model/keyring.ts'
import type { Database } from '../store/database/database.ts'
import { type FoundCaller, findCallers } from '../store/workspaces/tokens.ts'
import { askTogether } from '../system/ask-together.ts'
import type { Clock } from '../system/clock.ts'
import { growingCache } from '../system/growing-cache.ts'

const TOKENS_MAX = 10_000

export interface KnownCallers {
  find(token: string): Promise<FoundCaller | undefined>
  /** Whether it has to be asked for, because other processes commit as well. */
  readonly isAsked: boolean
  /** Where it is told from memory nobody waits for it. */
  stillOpens(token: string): FoundCaller | undefined | Promise<FoundCaller | undefined>
}

export function createKnownCallers({
  db,
  keyring,
  clock,
}: {
  readonly db: Database
  readonly keyring: Keyring
  readonly clock: Clock
}): KnownCallers {
  // Of good tokens: the same few are shown again and again.
  const hashes = growingCache<Buffer>(TOKENS_MAX)
  const hashToken = (token: string) => hashes.get(token) ?? keyring.hashToken(token)
  let waiting = new Set<string>()
  const askAll = askTogether(clock, () => {
    const tokens = [...waiting]
    waiting = new Set()
    return findCallers(db, { hashToken }, tokens)
  })
  const ask = async (token: string): Promise<FoundCaller | undefined> => {
    waiting.add(token)
    const caller = (await askAll()).get(token)
    if (caller) hashes.set(token, hashToken(token))
    return caller
  }
  if (db.edition() === null) return { isAsked: true, find: ask, stillOpens: ask }

  const known = growingCache<FoundCaller>(TOKENS_MAX)
  const stillOpens = (token: string) => {
    const caller = known.get(token)
    return caller?.edition === db.edition() ? caller : undefined
  }
  return {
    isAsked: false,
    stillOpens,
    async find(token) {
      const remembered = stillOpens(token)
      if (remembered) return remembered
      const caller = await ask(token)
      // Of strangers there is no end.
      if (caller) known.set(token, caller)
      return caller
    },
  }
}
