import { isLanguageTag } from './rate.ts'

/**
 * uPlot hands the browser's language to Intl while it is being loaded, which throws where that is no language tag
 * (`en-US@posix`), and then there is no chart. What it is told instead is only how it writes numbers.
 */
export async function loadUPlot() {
  if (!isLanguageTag(navigator.language))
    Object.defineProperty(navigator, 'language', { value: 'en-US', configurable: true })
  return (await import('uplot')).default
}
