import type { Words } from '../words/words.ts'

export type PageName = keyof Words['frame']['pages']

/** What the navigation offers, in its order. A page whose data the gateway does not give yet is not here. */
export const DAILY_PAGES: readonly PageName[] = ['callbacks', 'replays']
export const MANAGE_PAGES: readonly PageName[] = []

export const FIRST_PAGE: PageName = 'callbacks'

/** `g` and then the letter. */
export const PAGE_KEYS: Readonly<Record<string, PageName>> = { b: 'bots', r: 'rooms', c: 'callbacks' }
