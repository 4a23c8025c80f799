/** Whoever presses something while a page still reads what it shows meets what he looked at. */
import { openConsoleWorld, PLAIN_WORDS } from '@qunhub/testing/browser/console-world.ts'
import { describeInBrowser } from '@qunhub/testing/browser/describe-in-browser.ts'
import {
  buildConsole,
  type ConsoleVisit,
  openConsole,
  settled,
} from '@qunhub/testing/browser/open-console.ts'
import type { VisitOptions } from '@qunhub/testing/browser/open-visit.ts'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

describeInBrowser('pressing while something is read', () => {
  let house: Awaited<ReturnType<typeof openConsoleWorld>>
  beforeAll(async () => {
    buildConsole()
    house = await openConsoleWorld(PLAIN_WORDS)
  })
  afterAll(() => house?.close())

  async function visit(name: string, options?: VisitOptions): Promise<ConsoleVisit> {
    const opened = await openConsole(house, options, name)
    onTestFinished(() => opened.close())
    return opened
  }

  /** Keeps these answers back until it is called. */
  async function holdBack(page: Page, urls: RegExp): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    await page.route(urls, async route => {
      await promise
      await route.continue()
    })
    return resolve
  }

  const middleOf = async (what: Locator) => {
    const { x, y, width, height } = (await what.boundingBox())!
    return [x + width / 2, y + height / 2] as const
  }

  const enterRoom = (topic: string) => {
    const [bot] = house.world.bots.values()
    const { wxid } = bot!
    house.world.addRoom({ topic, ownerId: wxid, members: [wxid], external: true })
  }

  test('UI-90 a page that is being left takes no clicks: what was asked for comes', async () => {
    const { page } = await visit('leaving')
    const row = page.locator('main [data-row]').first()
    await row.waitFor()
    const at = await middleOf(row)
    const release = await holdBack(page, /callbacks-page/)
    await page.getByRole('link', { name: '回调', exact: true }).click()
    await page.locator('main[aria-busy="true"]').waitFor()
    await page.mouse.click(...at)
    release()
    await page.getByRole('heading', { name: '回调', exact: true }).waitFor()
    await page.locator('main [data-row]').first().click()
    await page.locator('aside.panel .tabs').waitFor()
  })

  test.each([
    ['callbacks', /show-callback-counts|list-bots/],
    ['requests', /list-tokens/],
    ['rooms', /list-bots|list-tags/],
  ])('UI-90 no row of %s moves when what belongs around it comes late', async (path, late) => {
    const { page, show } = await visit(`${path} late`)
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 })
      const release = await holdBack(page, late)
      await show(path)
      const row = page.locator('main [data-row]').first()
      const before = await row.boundingBox()
      const answered = page.waitForResponse(late)
      release()
      await answered
      await page.keyboard.press('Escape')
      expect({ width, ...(await row.boundingBox()) }).toEqual({ width, ...before })
      await page.unrouteAll({ behavior: 'wait' })
    }
  })

  test('UI-90 a row that is pressed is opened when it is let go, whatever news came meanwhile', async () => {
    const { page, show } = await visit('news')
    await show('callbacks')
    await page.mouse.move(...(await middleOf(page.locator('main [data-row]').first())))
    await page.mouse.down()
    enterRoom('按下之后的群')
    await page.getByText(/条新回调/).waitFor()
    await page.mouse.up()
    await page.locator('aside.panel .tabs').waitFor()
  })

  test('UI-8 a button that does something at once shows its command, and a double click does it once', async () => {
    const { page, show } = await visit('double')
    const { bots } = await house.operate('list-bots', { workspace: house.workspaceId })
    await show(`bots/${bots[0]!.id}`)
    const sync = page.getByRole('button', { name: '同步', exact: true })
    const asked: string[] = []
    page.on('request', request => void asked.push(new URL(request.url()).pathname.split('/').at(-1)!))
    await sync.hover()
    await page.locator('button[title^="qunhub bot sync "]').waitFor()
    await sync.dblclick()
    await page.getByText('已同步').first().waitFor()
    expect(asked.filter(verb => verb === 'sync-bot')).toHaveLength(1)
  })

  test('UI-92 on a phone the filters stand behind a button that counts those that are chosen', async () => {
    const { page, show } = await visit('phone', { width: 390 })
    await show('callbacks?state=delivered&kind=chatroom/loaded&status=2xx')
    const kind = page.getByRole('combobox', { name: '类型' })
    expect(await kind.isVisible()).toBe(false)
    await page.getByRole('button', { name: '筛选：已选 2 项' }).click()
    await kind.selectOption('')
    await page.getByRole('button', { name: '筛选：已选 1 项' }).waitFor()
    await page.setViewportSize({ width: 1280, height: 900 })
    await page.getByRole('button', { name: /筛选：/ }).waitFor({ state: 'hidden' })
    expect(await kind.isVisible()).toBe(true)
  })

  test('UI-93 nothing moves while a page loads, on a laptop and on a phone', async () => {
    const { page, show } = await visit('shifts')
    await page.addInitScript(NOTE_SHIFTS)
    const moved = async (where: string) => ({ where, shifts: await page.evaluate('shifts') })
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 })
      for (const path of ['overview', 'callbacks']) {
        await show(path)
        await settled(page)
        const where = `${path} at ${width}`
        expect(await moved(where)).toEqual({ where, shifts: [] })
      }
    }
    await page.context().clearCookies()
    await page.reload()
    await page.locator('input[type=password]').waitFor()
    expect(await moved('sign-in')).toEqual({ where: 'sign-in', shifts: [] })
  })
})

/** What moved, by how much, and from where to where. */
const NOTE_SHIFTS = `
  window.shifts = []
  new PerformanceObserver(list => {
    for (const { value, hadRecentInput, sources } of list.getEntries())
      if (!hadRecentInput) shifts.push([value, ...sources.map(({ node, previousRect, currentRect }) =>
        [node?.outerHTML?.slice(0, 120), previousRect.top, currentRect.top, previousRect.left, currentRect.left].join(' '))])
  }).observe({ type: 'layout-shift', buffered: true })`
