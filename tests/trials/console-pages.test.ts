import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { consolePages } from '@qunhub/testing/browser/console-pages.ts'
import { openConsoleWorld, PAYLOAD_WORDS, PLAIN_WORDS } from '@qunhub/testing/browser/console-world.ts'
import { describeInBrowser } from '@qunhub/testing/browser/describe-in-browser.ts'
import {
  buildConsole,
  type ConsoleVisit,
  OWNER,
  openConsole,
  settled,
} from '@qunhub/testing/browser/open-console.ts'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Two dozen pages one after another, on a machine that may do other things as well. */
const MINUTES_MS = 600_000

/** What axe has against a page: rule and place. */
async function complaints({ page }: ConsoleVisit): Promise<string[]> {
  await page.evaluate(AXE)
  return page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => [id, target.join(' '), failureSummary].join(' '))))`)
}

describeInBrowser('the console, page by page', () => {
  let house: Awaited<ReturnType<typeof openConsoleWorld>>
  beforeAll(async () => {
    buildConsole()
    house = await openConsoleWorld(PLAIN_WORDS)
  })
  afterAll(() => house?.close())

  test.each([
    ['light, on a laptop', { colorScheme: 'light', width: 1280 }],
    ['dark, on a laptop', { colorScheme: 'dark', width: 1280 }],
    ['light, on a phone', { colorScheme: 'light', width: 390 }],
    ['dark, on a phone, in English', { colorScheme: 'dark', width: 390, locale: 'en-US' }],
  ] as const)(
    'UI-21 axe has nothing against any page: %s',
    async (how, options) => {
      const visit = await openConsole(house, options, `axe ${how}`)
      onTestFinished(() => visit.close())
      const found: string[] = []
      for (const { name, path } of await consolePages(house)) {
        await visit.show(path)
        await settled(visit.page)
        found.push(...(await complaints(visit)).map(complaint => `${name}: ${complaint}`))
        // Nobody should have to scroll a page sideways.
        const isWide = await visit.page.evaluate(`document.documentElement.scrollWidth > innerWidth`)
        if (isWide) found.push(`${name} is wider than the screen`)
      }
      expect(found).toEqual([])
      expect(visit).toMatchObject({ cspReports: [], foreignRequests: [] })
    },
    MINUTES_MS,
  )

  test('UI-21 axe has nothing against signing in, nor against a dialog', async () => {
    const visit = await openConsole(house, {}, 'dialogs')
    onTestFinished(() => visit.close())
    await visit.show('bots')
    await visit.page.getByRole('button', { name: '添加机器人…' }).click()
    await visit.page.getByRole('dialog').waitFor()
    expect(await complaints(visit)).toEqual([])
    await visit.page.keyboard.press('Escape')
    await visit.page.keyboard.press('Control+k')
    await visit.page.getByRole('combobox', { name: '查找' }).fill('小北')
    await visit.page
      .getByRole('option', { name: /机器人.*小北/ })
      .first()
      .waitFor()
    expect(await complaints(visit)).toEqual([])
    await visit.page.context().clearCookies()
    await visit.page.reload()
    await visit.page.locator('input[type=password]').waitFor()
    expect(await complaints(visit)).toEqual([])
  })

  test('UI-22 a session that has ended asks for the password, and goes on at the same page', async () => {
    const visit = await openConsole(house, {}, 'expiry')
    onTestFinished(() => visit.close())
    const { page } = visit
    await visit.show('callbacks?state=delivered')
    await settled(visit.page)
    await page.context().clearCookies()
    // What asks next is told.
    await page.locator('nav.chips').getByRole('link', { name: /^停放/ }).click()
    await page.locator('input[type=password]').fill(OWNER.password)
    await page.getByRole('textbox', { name: '姓名' }).fill('expiry')
    await page.locator('button[type=submit]').click()
    await page.locator('main#main h1').waitFor()
    expect(new URL(page.url()).search).toBe('?state=parked')
  })

  test('UI-23 while live updates are paused nothing is asked', async () => {
    const visit = await openConsole(house, {}, 'pause')
    onTestFinished(() => visit.close())
    const { page } = visit
    await visit.show('callbacks')
    await settled(visit.page)
    const asked: string[] = []
    await page.getByRole('button', { name: '实时' }).click()
    await page.getByRole('button', { name: '已暂停' }).waitFor()
    await page.waitForLoadState('networkidle')
    page.on('request', request => asked.push(request.url()))
    // Longer than it would be until the next question, by the page's own clock.
    await page.evaluate(`new Promise(later => setTimeout(later, 6000))`)
    expect(asked).toEqual([])
    await page.getByRole('button', { name: '已暂停' }).click()
    await page.waitForRequest(/verbs\//)
  })

  test('UI-24 by the keyboard alone: to the callbacks, down the list, into the panel and back', async () => {
    const visit = await openConsole(house, {}, 'keys')
    onTestFinished(() => visit.close())
    const { page } = visit
    for (const key of ['g', 'c']) await page.keyboard.press(key)
    // The page before has rows as well.
    await page.getByRole('heading', { level: 1, name: '回调' }).waitFor()
    await page.locator('main [data-row]').first().waitFor()
    for (const key of ['j', 'j', 'k', 'Enter']) await page.keyboard.press(key)
    await page.locator('aside.panel .line').waitFor()
    const first = page.url()
    await page.keyboard.press('j')
    await page.waitForURL(url => url.href !== first)
    await page.keyboard.press('Escape')
    await page.locator('aside.panel').waitFor({ state: 'detached' })
    await page.keyboard.press('?')
    await page.getByRole('dialog').waitFor()
  })

  test('UI-44 Ctrl K finds a bot by its userId, and leads to it', async () => {
    const visit = await openConsole(house, {}, 'palette')
    onTestFinished(() => visit.close())
    const { page } = visit
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: '查找' }).fill('kefu01')
    await page.getByRole('option', { name: /kefu01/ }).waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(url => url.pathname.endsWith(`/bots/${house.scanned}`))
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  test('UI-42 what somebody moves in the simulator leads to its callback', async () => {
    const { workspaceId: workspace } = house
    await house.operate('set-workspace', { workspace, roomLeft: true })
    const { chats } = await house.operate('list-chats', { workspace })
    const visit = await openConsole(house, {}, 'simulator')
    onTestFinished(() => visit.close())
    const { page } = visit
    await visit.show(`simulator?open=${chats[0]!.roomWxid}`)
    await page.getByRole('button', { name: /^退群/, disabled: false }).click()
    await page
      .getByRole('region', { name: '刚才' })
      .getByRole('link', { name: /^#\d+ room\/left/ })
      .click()
    await page.locator('aside.panel .line').waitFor()
    expect(new URL(page.url()).pathname).toMatch(/callbacks$/)
  })

  test('UI-43 dragging over the chart leads to the callbacks of that time, and so does a row of its table', async () => {
    const visit = await openConsole(house, {}, 'chart')
    onTestFinished(() => visit.close())
    const { page } = visit
    await visit.show('overview')
    const chart = page.getByRole('img', { name: /柱状图/ })
    await chart.locator('canvas').waitFor()
    const box = (await chart.boundingBox())!
    await page.mouse.move(box.x + box.width * 0.5, box.y + box.height / 2)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.9, box.y + box.height / 2, { steps: 5 })
    await page.mouse.up()
    await page.waitForURL(url => url.pathname.endsWith('/callbacks') && url.searchParams.has('until'))
    await page.goBack()
    await page.getByText('以表格查看').click()
    await page.locator('details table a').first().click()
    await page.waitForURL(url => url.pathname.endsWith('/callbacks') && url.searchParams.has('from'))
  })

  test('UI-45 an endpoint is tried from the page, and its answer leads to the list of requests', async () => {
    const visit = await openConsole(house, {}, 'try')
    onTestFinished(() => visit.close())
    const { page } = visit
    await visit.show('try?endpoint=exit&wecomUserId=nobody&roomWxid=R:1')
    await page.getByRole('button', { name: '执行' }).click()
    await page.getByText('-2 bot-unknown').waitFor()
    await page.getByRole('link', { name: '在请求记录里看' }).waitFor()
    expect(visit).toMatchObject({ cspReports: [], foreignRequests: [] })
  })

  test('UI-2 another workspace keeps the page and its filters, and drops what names things', async () => {
    const { workspaceId } = await house.anotherWorkspace()
    const visit = await openConsole(house, {}, 'switch')
    onTestFinished(() => visit.close())
    const { page } = visit
    await visit.show('callbacks?state=delivered&room=R%3A1')
    await page.getByRole('combobox', { name: '工作区' }).selectOption(workspaceId)
    await page.waitForURL(url => url.pathname.includes(workspaceId))
    expect(new URL(page.url()).search).toBe('?state=delivered')
    await page.goBack()
    expect(new URL(page.url()).search).toBe('?state=delivered&room=R%3A1')
  })

  test('UI-2 a secret that was shown stays behind with its workspace', async () => {
    const { workspaceId } = await house.anotherWorkspace()
    for (const workspace of [house.workspaceId, workspaceId])
      await house.operate('set-callback-url', { workspace, url: 'https://receiver.example/callbacks' })
    const visit = await openConsole(house, {}, 'secrets')
    onTestFinished(() => visit.close())
    const { page } = visit
    await visit.show('address')
    await page.getByRole('button', { name: '显示' }).click()
    await page.getByText('whsec_').waitFor()
    await page.getByRole('combobox', { name: '工作区' }).selectOption(workspaceId)
    await page.waitForURL(url => url.pathname.includes(workspaceId))
    await page.getByRole('button', { name: '显示' }).waitFor()
    expect(await page.getByText('whsec_').count()).toBe(0)
  })
})

describeInBrowser('the console, in a world of payloads', () => {
  test(
    'UI-25 whatever people call themselves is text on every page: nothing runs, and nothing is reported',
    async () => {
      const house = await openConsoleWorld(PAYLOAD_WORDS)
      onTestFinished(() => house.close())
      const visit = await openConsole(house)
      onTestFinished(() => visit.close())
      for (const { path } of await consolePages(house)) {
        await visit.show(path)
        await settled(visit.page)
        expect(await visit.page.evaluate(`window.ran`), path).toBeUndefined()
      }
      expect(visit).toMatchObject({ cspReports: [], foreignRequests: [] })
    },
    MINUTES_MS,
  )
})
