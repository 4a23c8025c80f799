import type { Shell } from '../shell.ts'
import { plainText } from '../show/column-width.ts'

/** A longer answer is no yes. */
const ANSWER_CHARACTERS_MAX = 80

/**
 * Asks whether to go on, and waits for a line. Only `y`, `yes` and `是` mean yes; null where nobody is there who could be
 * asked.
 */
export async function askYes(question: string, { err, stdin, isTerminal }: Shell): Promise<boolean | null> {
  if (!isTerminal || !stdin?.isTTY) return null
  err(`${plainText(question)} [y/N] `)
  let answer = ''
  for await (const chunk of stdin) {
    answer += String(chunk)
    if (answer.includes('\n') || answer.length > ANSWER_CHARACTERS_MAX) break
  }
  return /^\s*(y|yes|是)\s*$/i.test(answer)
}
