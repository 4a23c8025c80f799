import type { BothLanguages } from '@qunhub/wire'
import { SECOND_MS } from '../../system/clock.ts'
import { explanationOf } from '../explain.ts'
import type { Shell } from '../shell.ts'
import { type Finding, says, type Verdict } from '../show/report.ts'

/** A gateway that has not answered a list by then is not well. */
export const ANSWER_MAX_MS = 10 * SECOND_MS

export const finding = (
  check: string,
  what: BothLanguages,
  verdict: Verdict,
  seen: BothLanguages,
  next?: BothLanguages,
): Finding => ({ check, what, verdict, seen, ...(next && { next }) })

/** Words of ours that say the same in both languages, apart. */
export function apart(words: string): BothLanguages {
  const at = words.indexOf(' / ')
  return at < 0 ? says(words, words) : says(words.slice(0, at), words.slice(at + ' / '.length))
}

/** What went wrong, as any other command would tell it. Throws what nobody has words for. */
export const failureSeen = (failure: unknown, env: Shell['env']): BothLanguages =>
  apart(explanationOf(failure, env))
