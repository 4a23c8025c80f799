/** What stands between the Chinese and the English of words that say something in both. */
const BETWEEN = ' / '

/** `中文 / English` as its two halves; undefined where something is said in one language only. */
export function splitWords(
  words: string,
): { readonly chinese: string; readonly english: string } | undefined {
  const at = words.indexOf(BETWEEN)
  if (at < 1) return undefined
  return { chinese: words.slice(0, at), english: words.slice(at + BETWEEN.length) }
}
