/**
 * What a browser makes of the console: how much it loads, when something is there to be seen, how long its main thread works, and
 * how soon a page answers whoever presses something. The score of each page is reckoned from its figures by the curves that
 * Lighthouse publishes for a desktop, over a network slowed down as it does. Lighthouse itself, which reckons what a slow network
 * would have come to and does not wait for it, sees the same pages painted sooner (docs/reliability.md).
 */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { consolePages } from '@qunhub/testing/browser/console-pages.ts'
import { openConsoleWorld, PLAIN_WORDS } from '@qunhub/testing/browser/console-world.ts'
import { whyNoChromium } from '@qunhub/testing/browser/find-chromium.ts'
import { buildConsole, openConsole, settled } from '@qunhub/testing/browser/open-console.ts'
import { eventually } from '@qunhub/testing/eventually.ts'
import type { House } from '@qunhub/testing/grounds/open-house.ts'
import type { Page } from 'playwright-core'
import { type PagePaint, reckonScore } from './page-score.ts'
import { median } from './peer.ts'

const DIST = resolve(import.meta.dirname, '../packages/console/dist')

/** As Lighthouse has a desktop: 40 ms there and back, 10 Mbit a second. */
const NETWORK = { offline: false, latency: 40, downloadThroughput: 1_250_000, uploadThroughput: 1_250_000 }

/** What is painted, what moved and what kept the main thread busy; noted by the page from its first moment on. */
const NOTE = `
  window.seen = { lcp: 0, cls: 0, blocked: 0 }
  const look = (type, note) => new PerformanceObserver(list => list.getEntries().forEach(note)).observe({ type, buffered: true })
  look('largest-contentful-paint', each => { seen.lcp = each.startTime })
  look('layout-shift', each => { if (!each.hadRecentInput) seen.cls += each.value })
  look('longtask', each => { seen.blocked += Math.max(0, each.duration - 50) })`

export async function consoleLoad(size: 'full' | 'tiny'): Promise<object> {
  const missing = whyNoChromium()
  if (missing !== null) return { leftOut: missing }
  const { rounds, rooms } = { full: { rounds: 9, rooms: 120 }, tiny: { rounds: 1, rooms: 0 } }[size]
  buildConsole()
  const house = await openConsoleWorld(PLAIN_WORDS)
  const visit = await openConsole(house)
  try {
    await enterRooms(house, rooms)
    const { page } = visit
    await page.addInitScript(NOTE)
    const workspace = `${house.baseUrl}/console/w/${house.workspaceId}`
    const callback = (await consolePages(house)).find(({ name }) => name === 'callback-story')!
    const pages = {
      overview: await load(page, `${workspace}/overview`, rounds),
      callbacks: await load(page, `${workspace}/callbacks`, rounds),
      rooms: await load(page, `${workspace}/rooms`, rounds),
    }
    const press = (path: string, what: string, comes: string) =>
      interact(page, rounds, { url: `${workspace}/${path}`, what, comes })
    const interactionsMs = {
      openCallback: await press('callbacks', 'a[data-row]', 'aside.panel .tabs'),
      filterCallbacks: await press('callbacks', '.chips a:nth-child(3)', 'a[data-row]'),
      nextTab: await press(callback.path, 'aside.panel .tabs a:nth-child(2)', 'aside.panel .tree'),
      openRoom: await press('rooms', 'a[data-row]', 'aside.panel'),
    }
    await page.context().clearCookies()
    const signIn = await load(page, `${house.baseUrl}/console/`, rounds)
    return { firstLoadKb: await firstLoadKb(), pages: { signIn, ...pages }, interactionsMs }
  } finally {
    await visit.close()
    await house.close()
  }
}

/** So that lists have a page of rows. */
async function enterRooms(house: House, rooms: number): Promise<void> {
  const [bot] = house.world.bots.values()
  for (let at = 0; at < rooms; at++)
    house.world.addRoom({
      ...{ topic: `答疑群${at}`, ownerId: bot!.wxid, members: [bot!.wxid], external: true },
    })
  await eventually('the rooms are told of', async () => {
    const { delivered } = await house.operate('show-callback-counts', { workspace: house.workspaceId })
    return delivered.count >= rooms
  })
}

/** What the first page wants before it shows, gzipped, as UI-1 counts it. */
async function firstLoadKb(): Promise<number> {
  const page = await readFile(resolve(DIST, 'index.html'), 'utf8')
  const files = [...page.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(match => match[1]!)
  const sizes = await Promise.all(
    files.map(async file => (await readFile(resolve(DIST, `${file}.gz`))).length),
  )
  return Math.round(sizes.reduce((sum, each) => sum + each, 0) / 1024)
}

/** Medians, each load with nothing cached. */
async function load(page: Page, url: string, rounds: number): Promise<object> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Network.enable')
  await devtools.send('Network.setCacheDisabled', { cacheDisabled: true })
  await devtools.send('Network.emulateNetworkConditions', NETWORK)
  const figures: (PagePaint & { loadedKb: number })[] = []
  for (let round = 0; round < rounds; round++) {
    await page.goto('about:blank')
    await page.goto(url)
    await page.locator('h1').first().waitFor()
    await settled(page)
    const complete = await page.evaluate<number>('performance.now()')
    // A picture is told of some time after it was painted.
    await page.evaluate(`new Promise((done, fail) => {
      setTimeout(() => fail(new Error('nothing was painted')), ${PRESS_WAIT_MAX_MS})
      const look = () => (seen.lcp > 0 ? done() : setTimeout(look, 50))
      look() })`)
    figures.push(
      await page.evaluate<PagePaint & { loadedKb: number }>(`({
        firstPaintMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
        largestPaintMs: seen.lcp, blockedMs: seen.blocked, shifted: seen.cls, completeMsAtMost: ${complete},
        loadedKb: performance.getEntriesByType('resource').reduce((sum, each) => sum + each.encodedBodySize, 0) / 1024 })`),
    )
  }
  await devtools.detach()
  const middle = (name: keyof (typeof figures)[number], digits = 0) =>
    Number(median(figures.map(each => each[name])).toFixed(digits))
  const paint: PagePaint = {
    firstPaintMs: middle('firstPaintMs'),
    largestPaintMs: middle('largestPaintMs'),
    blockedMs: middle('blockedMs'),
    shifted: middle('shifted', 3),
    completeMsAtMost: middle('completeMsAtMost'),
  }
  return { loadedKb: middle('loadedKb'), ...paint, reckonedScore: reckonScore(paint) }
}

/** Only what never comes is caught by it. */
const PRESS_WAIT_MAX_MS = 50_000

interface Press {
  readonly url: string
  readonly what: string
  /** What was not there before, or is there anew. */
  readonly comes: string
}

/** From pressing to the picture in which what comes is there, in milliseconds, told by the page; it was there before, and quiet. */
async function interact(page: Page, rounds: number, { url, what, comes }: Press): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    await page.goto(url)
    await page.locator(what).first().waitFor()
    await settled(page)
    await page.evaluate(`{
      const before = document.querySelector('${comes}')
      window.pressed = new Promise((done, fail) => addEventListener('pointerdown', ({ timeStamp }) => {
        setTimeout(() => fail(new Error('nothing came of it')), ${PRESS_WAIT_MAX_MS})
        const look = () => {
          const now = document.querySelector('${comes}')
          if (now && now !== before) setTimeout(() => done(performance.now() - timeStamp))
          else requestAnimationFrame(look)
        }
        requestAnimationFrame(look)
      }, { capture: true, once: true }))
      // What a page is asked to do is waited for.
      null }`)
    await page.locator(what).first().click()
    times.push(await page.evaluate<number>('pressed'))
  }
  return Math.round(median(times))
}
