import { splitWords } from '@qunhub/wire/words'
import type { Language } from '../preferences/preferences.ts'

/**
 * What the gateway says in both languages, in one of them. A detail may follow the last of both, after the English (an id, a
 * number); then it belongs to the Chinese as well, but where it cannot be told apart from the sentence it is left there.
 */
export function inLanguage(words: string, language: Language): string {
  const both = splitWords(words)
  if (!both) return words
  return language === 'zh' ? both.chinese : both.english
}
