/** How somebody likes to look at the console; kept by his browser, and read once. */

export type Language = 'zh' | 'en'
export type Zone = 'local' | 'UTC' | 'Asia/Shanghai'
export type Theme = 'auto' | 'light' | 'dark'

export interface Preferences {
  readonly language: Language
  readonly zone: Zone
}

const LANGUAGES: readonly Language[] = ['zh', 'en']
export const ZONES: readonly Zone[] = ['local', 'Asia/Shanghai', 'UTC']

const KEPT_AS = 'qunhub-console'

/**
 * What a browser says of its languages may be no language tag (`en-US@posix`), so only its beginning is looked at. Whoever speaks
 * neither gets Chinese, as everywhere here.
 */
export const languageOf = (browser: string): Language => (/^en\b/i.test(browser) ? 'en' : 'zh')

/** What was kept, as far as it is still understood. */
export function readPreferences(kept: string | null, browser: string): Preferences {
  const { language, zone } = parsed(kept)
  return {
    language: LANGUAGES.find(each => each === language) ?? languageOf(browser),
    zone: ZONES.find(each => each === zone) ?? 'local',
  }
}

function parsed(kept: string | null): { language?: unknown; zone?: unknown } {
  try {
    return Object(JSON.parse(kept ?? '{}'))
  } catch (failure) {
    if (failure instanceof SyntaxError) return {}
    throw failure
  }
}

/** A browser may be told to keep nothing for us; then every page begins with what is usual. */
export function loadPreferences(): Preferences {
  const browser = navigator.language ?? ''
  try {
    return readPreferences(localStorage.getItem(KEPT_AS), browser)
  } catch (failure) {
    if (failure instanceof DOMException) return readPreferences(null, browser)
    throw failure
  }
}

export function keepPreferences(preferences: Preferences): void {
  try {
    localStorage.setItem(KEPT_AS, JSON.stringify(preferences))
  } catch (failure) {
    if (!(failure instanceof DOMException)) throw failure
  }
}
