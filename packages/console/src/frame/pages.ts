import type { Words } from '../words/words.ts'

export type PageName = keyof Words['frame']['pages']

/** What the navigation offers, in its order. A page whose data the gateway does not give yet is not here. */
export const DAILY_PAGES: readonly PageName[] = [
  ...(['overview', 'bots', 'rooms', 'contacts', 'tags'] as const),
  ...(['callbacks', 'replays', 'address', 'requests', 'try'] as const),
]
export const MANAGE_PAGES: readonly PageName[] = ['tokens', 'people', 'settings', 'audit', 'nodes']

/** Only where the bots are played by the simulator. */
export const SIMULATED_PAGES: readonly PageName[] = ['simulator']

/** Only owners may look at these. */
export const OWNERS_PAGES: readonly PageName[] = ['people', 'audit']

export const FIRST_PAGE: PageName = 'overview'

/** `g` and then the letter. */
export const PAGE_KEYS: Readonly<Record<string, PageName>> = {
  b: 'bots',
  r: 'rooms',
  c: 'callbacks',
  k: 'contacts',
}
