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
import { openVisit } from '@qunhub/testing/browser/open-visit.ts'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Two dozen pages one after another, on a machine that may do other things as well. */
const MINUTES_MS = 600_000

/** What axe, which has been put into the page, has against it: rule and place. */
const complaints = (page: Page): Promise<string[]> =>
  page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => [id, target.join(' '), failureSummary].join(' '))))`)

/** How a page is looked at. The last two on a phone, where the button for the other language is folded away. */
const WAYS = [
  { colorScheme: 'light', width: 1280, language: 'zh-CN' },
  { colorScheme: 'dark', width: 1280, language: 'zh-CN' },
  { colorScheme: 'light', width: 390, language: 'zh-CN' },
  { colorScheme: 'dark', width: 390, language: 'en' },
] as const

/** As somebody does who has the page open: what is read stays, and only how it is shown becomes other. */
async function lookAt(page: Page, { colorScheme, width, language }: (typeof WAYS)[number]): Promise<void> {
  if ((await page.locator('html').getAttribute('lang')) !== language) {
    await page.setViewportSize({ width: 1280, height: 900 })
    await page.getByRole('button', { name: language === 'en' ? 'English' : '中文', exact: true }).click()
  }
  await page.setViewportSize({ width, height: 900 })
  await page.emulateMedia({ colorScheme })
  await page.locator(`html[lang="${language}"][data-mantine-color-scheme="${colorScheme}"]`).waitFor()
}

describeInBrowser('the console, page by page', () => {
  let house: Awaited<ReturnType<typeof openConsoleWorld>>
  /** Somebody who stays signed in: each test begins by showing its page. */
  let visit: ConsoleVisit
  beforeAll(async () => {
    buildConsole()
    house = await openConsoleWorld(PLAIN_WORDS)
    visit = await openConsole(house)
  })
  afterEach(async () => {
    await visit.page.setViewportSize({ width: 1280, height: 900 })
    await visit.page.emulateMedia({ colorScheme: 'light' })
  })
  afterAll(async () => {
    await visit?.close()
    await house?.close()
  })

  test(
    'UI-21 axe has nothing against any page, light and dark, wide and narrow, in either language',
    async () => {
      const { page } = visit
      await page.evaluate(AXE)
      const found: string[] = []
      const pages = await consolePages(house)
      expect(pages.length).toBeGreaterThan(25)
      try {
        for (const [at, { name, path }] of pages.entries()) {
          await visit.turnTo(path)
          await settled(page)
          // There and back again, so that the language is chosen once a page.
          for (const way of at % 2 === 0 ? WAYS : WAYS.toReversed()) {
            await lookAt(page, way)
            const where = [name, ...Object.values(way)].join(' ')
            found.push(...(await complaints(page)).map(complaint => `${where}: ${complaint}`))
            // Nobody should have to scroll a page sideways.
            const isWide = await page.evaluate(`document.documentElement.scrollWidth > innerWidth`)
            if (isWide) found.push(`${where} is wider than the screen`)
          }
        }
      } finally {
        await lookAt(page, WAYS[0])
      }
      expect(found).toEqual([])
      expect(visit).toMatchObject({ cspReports: [], foreignRequests: [] })
    },
    MINUTES_MS,
  )

  test('UI-21 axe has nothing against a dialog, nor against what is found', async () => {
    const { page } = visit
    await visit.show('bots')
    await page.evaluate(AXE)
    await page.getByRole('button', { name: '添加机器人…' }).click()
    await page.getByRole('dialog').waitFor()
    expect(await complaints(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: '查找' }).fill('小北')
    await page
      .getByRole('option', { name: /机器人.*小北/ })
      .first()
      .waitFor()
    expect(await complaints(page)).toEqual([])
  })

  test('UI-98 for whoever asks for less motion nothing fades in: it is there', async () => {
    const { page } = visit
    await visit.show('bots')
    await page.getByRole('button', { name: '添加机器人…' }).click()
    await page.getByRole('dialog').waitFor()
    // Its own and that of all around it, as they are when it is seen first.
    const opacities = await page.evaluate(`(() => {
      const around = []
      for (let at = document.querySelector('[role=dialog]'); at; at = at.parentElement) around.push(at)
      return around.map(each => getComputedStyle(each).opacity)
    })()`)
    expect(new Set(opacities as string[])).toEqual(new Set(['1']))
    await page.keyboard.press('Escape')
  })

  test('UI-23 while live updates are paused nothing is asked', async () => {
    const { page, close } = await openVisit(house.baseUrl)
    onTestFinished(close)
    await page.context().addCookies(await visit.page.context().cookies())
    await page.clock.install()
    await page.goto(`${house.baseUrl}/console/w/${house.workspaceId}/callbacks`)
    await page.locator('main [data-row]').first().waitFor()
    await settled(page)
    await page.getByRole('button', { name: '实时' }).click()
    await page.getByRole('button', { name: '已暂停' }).waitFor()
    await page.waitForLoadState('networkidle')
    const asked: string[] = []
    page.on('request', request => asked.push(new URL(request.url()).pathname))
    // Longer than it would be until the next question. What is asked after it is seen after it.
    await page.clock.fastForward(20_000)
    await page.evaluate(`fetch('/console/icon.svg', { cache: 'reload' })`)
    expect(asked).toEqual(['/console/icon.svg'])
    const goesOn = page.waitForRequest(/verbs\//)
    await page.getByRole('button', { name: '已暂停' }).click()
    await page.clock.fastForward(20_000)
    await goesOn
  })

  test('UI-24 by the keyboard alone: to the callbacks, down the list, into the panel and back', async () => {
    const { page } = visit
    await visit.show('overview')
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
    const { page } = visit
    await visit.show('overview')
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

  test('UI-42 what is moved in a room of another workspace’s bot leads to its callback there', async () => {
    const { world } = house
    const { workspaceId: other } = await house.anotherWorkspace()
    await house.operate('set-workspace', { workspace: other, roomLeft: true })
    // Of its own each time that this is told.
    const bot = world.addBot({ userId: `other-${other}` })
    const lin = world.addContact({ name: '林舟' })
    const members = [bot.wxid, lin.wxid]
    const room = world.addRoom({ topic: '别处的群', ownerId: bot.wxid, members, external: true })
    await house.host(bot, other)
    const { page } = visit
    await visit.show(`simulator?open=${room.wxid}`)
    await page.getByRole('button', { name: '退群 林舟' }).click()
    await page
      .getByRole('region', { name: '刚才' })
      .getByRole('link', { name: /^#\d+ room\/left/ })
      .click()
    await page.locator('aside.panel .line').waitFor()
    expect(new URL(page.url()).pathname).toBe(`/console/w/${other}/callbacks`)
  })

  test('UI-95 a kind of callback shows as its example the last one that was owed here, or says that it is made up', async () => {
    const { page } = visit
    await visit.show('address')
    const exampleOf = async (kind: string) => {
      const box = page.locator('.todo', { has: page.locator('code', { hasText: kind }) })
      await box.getByText('正文的例子').click()
      await box.locator('.tree').first().waitFor()
      return { isMadeUp: await box.getByText('还没有产生过这一种').isVisible(), text: await box.innerText() }
    }
    const owed = await exampleOf('chatroom/loaded')
    expect(owed).toEqual({ isMadeUp: false, text: expect.stringMatching(/"老客户答谢群\d"/) })
    const madeUp = await exampleOf('room/topic')
    expect(madeUp).toEqual({ isMadeUp: true, text: expect.stringContaining('"老客户答谢群"') })
  })

  test('UI-43 dragging over the chart leads to the callbacks of that time, and so does a row of its table', async () => {
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
    const { page } = visit
    await visit.show('try?endpoint=exit&wecomUserId=nobody&roomWxid=R:1')
    await page.getByRole('button', { name: '执行' }).click()
    await page.getByText('-2 bot-unknown').waitFor()
    await page.getByRole('link', { name: '在请求记录里看' }).waitFor()
    expect(visit).toMatchObject({ cspReports: [], foreignRequests: [] })
  })

  test('UI-2 another workspace keeps the page and its filters, and drops what names things', async () => {
    const { workspaceId } = await house.anotherWorkspace()
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
    const { page } = visit
    await visit.show('address')
    await page.getByRole('button', { name: '显示' }).click()
    await page.getByText('whsec_').waitFor()
    await page.getByRole('combobox', { name: '工作区' }).selectOption(workspaceId)
    await page.waitForURL(url => url.pathname.includes(workspaceId))
    await page.getByRole('button', { name: '显示' }).waitFor()
    expect(await page.getByText('whsec_').count()).toBe(0)
  })

  // The last one: it signs out.
  test('UI-21 UI-22 a session that has ended asks for the password, without a fault, and goes on at the same page', async () => {
    const { page } = visit
    await visit.show('callbacks?state=delivered')
    await settled(page)
    await page.context().clearCookies()
    // What asks next is told.
    await page.locator('nav.chips').getByRole('link', { name: /^停放/ }).click()
    await page.locator('input[type=password]').waitFor()
    await page.evaluate(AXE)
    expect(await complaints(page)).toEqual([])
    await page.locator('input[type=password]').fill(OWNER.password)
    await page.getByRole('textbox', { name: '姓名' }).fill(OWNER.name)
    await page.locator('button[type=submit]').click()
    await page.locator('main#main h1').waitFor()
    expect(new URL(page.url()).search).toBe('?state=parked')
  })
})

describeInBrowser('the console, in a world of payloads', () => {
  test(
    'UI-25 UI-21 whatever people call themselves is text on every page: nothing runs, nothing is reported, and no page is wider for it',
    async () => {
      const house = await openConsoleWorld(PAYLOAD_WORDS)
      onTestFinished(() => house.close())
      const visit = await openConsole(house)
      onTestFinished(() => visit.close())
      for (const { path } of await consolePages(house)) {
        // Each by its address, with nothing of it read before.
        await visit.show(path)
        await settled(visit.page)
        expect(await visit.page.evaluate(`window.ran`), path).toBeUndefined()
        expect(await visit.page.evaluate(`document.documentElement.scrollWidth`), path).toBe(1280)
      }
      expect(visit).toMatchObject({ cspReports: [], foreignRequests: [] })
    },
    MINUTES_MS,
  )
})
