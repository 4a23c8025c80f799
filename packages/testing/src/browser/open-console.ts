/**
 * The console in a real browser, on a real gateway: built as at a first start, opened by somebody who has a setup code.
 */
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { eventually } from '../eventually.ts'
import type { House } from '../grounds/open-house.ts'
import { openVisit, type Visit, type VisitOptions } from './open-visit.ts'

const BUILD = resolve(import.meta.dirname, '../../../console/build.mjs')

export const OWNER = { name: '林枢', password: 'correct horse battery' }

/** Does nothing where what is built is what the sources say. */
export function buildConsole(): void {
  execFileSync(process.execPath, [BUILD])
}

/** Signs in with a setup code, as the first owner, or as one more. */
export async function signInByCode(
  page: Page,
  house: Pick<House, 'baseUrl' | 'operate'>,
  name: string = OWNER.name,
): Promise<void> {
  const { code } = await house.operate('issue-setup-code', {})
  await page.goto(`${house.baseUrl}/console/#code=${encodeURIComponent(code)}`)
  await page.getByRole('textbox', { name: /姓名|Name/ }).fill(name)
  await page.locator('input[type=password]').fill(OWNER.password)
  await page.locator('button[type=submit]').click()
  await page.locator('main#main h1').waitFor()
}

/** Until nothing is being read any more. Asked from here: the policy lets no text be run as a script in the page. */
export const settled = (page: Page): Promise<boolean> =>
  eventually('the page has read what it shows', async () => (await page.locator('.waits').count()) === 0)

/** What of a house, or of a node, a visit needs. */
export type VisitedHouse = Pick<House, 'baseUrl' | 'operate' | 'workspaceId'>

export interface ConsoleVisit extends Visit {
  /** Opens a page of the house's workspace: `callbacks?state=parked`. */
  show(page: string): Promise<void>
  /** The same as a link in the console does it, which loads nothing anew. */
  turnTo(page: string): Promise<void>
}

/** Somebody who has just signed in. */
export async function openConsole(
  house: VisitedHouse,
  options: VisitOptions = {},
  name?: string,
): Promise<ConsoleVisit> {
  const visit = await openVisit(house.baseUrl, options)
  await signInByCode(visit.page, house, name)
  const { page } = visit
  const workspace = `/console/w/${house.workspaceId}/`
  return {
    ...visit,
    async show(path) {
      await page.goto(house.baseUrl + workspace + path)
      await page.locator('main#main h1, input[type=password]').first().waitFor()
      // A test that signs out may be tried once more.
      if (await page.locator('input[type=password]').isVisible()) {
        await page.locator('input[type=password]').fill(OWNER.password)
        await page.getByRole('textbox', { name: '姓名' }).fill(OWNER.name)
        await page.locator('button[type=submit]').click()
      }
      await page.locator('main#main h1').waitFor()
    },
    async turnTo(path) {
      await page.evaluate(turnOver(workspace + path))
      await page.locator('main#main h1').waitFor()
    },
  }
}

/** Until the page that is asked for is the one that is drawn; the router lets itself be found by whoever looks into a page. */
const turnOver = (path: string): string => `new Promise(done => {
  const { history, stores } = __TSR_ROUTER__
  history.push(${JSON.stringify(path)})
  const asked = history.location.state.__TSR_key
  const look = () => (stores.resolvedLocation.get()?.state.__TSR_key === asked ? done() : requestAnimationFrame(look))
  look() })`
