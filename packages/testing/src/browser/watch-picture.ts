/** What a page shows of a login code, and when: noted by the page itself, after it has been drawn. */
import type { Page } from 'playwright-core'

export interface ShownPicture {
  readonly path: string
  readonly isStale: boolean
  /** By the clock of this machine, when the frame with it was drawn. */
  readonly at: number
}

/** Notes each code of the page that is open, from now on. */
export async function watchPicture(page: Page): Promise<readonly ShownPicture[]> {
  const shown: ShownPicture[] = []
  await page.exposeFunction('notePicture', (path: string, isStale: boolean, at: number) => {
    shown.push({ path, isStale, at })
  })
  await page.evaluate(WATCH)
  return shown
}

/** Two frames after a change it stands on the screen. */
const WATCH = `(() => {
  let last
  const look = () => {
    const path = document.querySelector('.qr path')?.getAttribute('d') ?? ''
    const isStale = document.querySelector('.qr.stale') !== null
    if (last === path + isStale) return
    last = path + isStale
    requestAnimationFrame(() => requestAnimationFrame(() =>
      notePicture(path, isStale, performance.timeOrigin + performance.now())))
  }
  new MutationObserver(look).observe(document.querySelector('main#main'),
    { subtree: true, childList: true, attributes: true })
  look()
})()`
