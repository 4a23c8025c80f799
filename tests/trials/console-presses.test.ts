/** Whoever presses something while a page still reads what it shows meets what he looked at. */
import { openConsoleWorld, PLAIN_WORDS } from '@qunhub/testing/browser/console-world.ts'
import { describeInBrowser } from '@qunhub/testing/browser/describe-in-browser.ts'
import {
  buildConsole,
  type ConsoleVisit,
  openConsole,
  settled,
} from '@qunhub/testing/browser/open-console.ts'
import { eventually } from '@qunhub/testing/eventually.ts'
import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

describeInBrowser('pressing while something is read', () => {
  let house: Awaited<ReturnType<typeof openConsoleWorld>>
  /** Somebody who stays signed in: each test begins by showing its page, at the width that it wants. */
  let visit: ConsoleVisit
  beforeAll(async () => {
    buildConsole()
    house = await openConsoleWorld(PLAIN_WORDS)
    visit = await openConsole(house)
  })
  afterEach(async () => {
    await visit.page.unrouteAll({ behavior: 'wait' })
    await visit.page.setViewportSize({ width: 1280, height: 900 })
  })
  afterAll(async () => {
    await visit?.close()
    await house?.close()
  })

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
    const { page, show } = visit
    await show('overview')
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
    const { page, show } = visit
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
    const { page, show } = visit
    await show('callbacks')
    await page.mouse.move(...(await middleOf(page.locator('main [data-row]').first())))
    await page.mouse.down()
    enterRoom('按下之后的群')
    await eventually('the page has looked for news', async () => {
      // As when somebody comes back to it, so that nobody waits for its next look.
      await page.evaluate(`dispatchEvent(new Event('visibilitychange'))`)
      return page.getByText(/条新回调/).isVisible()
    })
    await page.mouse.up()
    await page.locator('aside.panel .tabs').waitFor()
  })

  test('UI-8 a button that does something at once shows its command to whoever points at it', async () => {
    const { page, show } = visit
    const { bots } = await house.operate('list-bots', { workspace: house.workspaceId })
    await show(`bots/${bots[0]!.id}`)
    await page.getByRole('button', { name: '同步', exact: true }).hover()
    await page.locator('button[title^="qunhub bot sync "]').waitFor()
  })

  test('UI-94 what a button does is done once by a double click, by a key that is held, and while it is under way', async () => {
    const { page, show } = visit
    const { workspaceId: workspace } = house
    const { bots } = await house.operate('list-bots', { workspace })
    const [chat] = (await house.operate('list-chats', { workspace })).chats
    const { id: another } = await house.operate('add-tag', { workspace, name: '另一个标签' })
    const { id: third } = await house.operate('add-tag', { workspace, name: '第三个标签' })
    for (const tag of [another, third])
      await house.operate('assign-tag', { workspace, tag, chats: [chat!.chatId] })
    const asked: string[] = []
    page.on('request', request => asked.push(new URL(request.url()).pathname.split('/').at(-1)!))
    /** How often it was asked for by now: what is asked after it is seen after it. */
    const timesOf = async (verb: string) => {
      await page.evaluate(`fetch('/console/icon.svg')`)
      return { verb, times: asked.splice(0).filter(each => each === verb).length }
    }
    const sync = page.getByRole('button', { name: '同步', exact: true })
    const buttons = [
      [`bots/${bots[0]!.id}`, sync, 'sync-bot'],
      // Whoever stands below in the list moves up meanwhile.
      [
        `simulator?open=${chat!.roomWxid}`,
        page.getByRole('button', { name: /^退群/, disabled: false }).first(),
        'simulate-leave',
      ],
      ['address', page.getByRole('button', { name: '检查接收方' }), 'examine-receiver'],
      [`rooms?open=${chat!.chatId}`, page.getByRole('button', { name: /^去掉标签/ }).first(), 'unassign-tag'],
      [
        'try?endpoint=exit&wecomUserId=nobody&roomWxid=R:1',
        page.getByRole('button', { name: '执行' }),
        'try-request',
      ],
      ['settings', page.locator('.mantine-Switch-track').first(), 'set-workspace'],
    ] as const
    for (const [path, button, verb] of buttons) {
      await show(path)
      await button.dblclick()
      expect(await timesOf(verb)).toEqual({ verb, times: 1 })
    }

    await show('bots')
    await page.getByRole('button', { name: '添加机器人…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: /puppet 地址/ }).fill('127.0.0.1:1')
    await dialog.locator('input[type=password]').fill('a-token-of-a-puppet')
    await dialog.getByRole('button', { name: '试连接' }).dblclick()
    expect(await timesOf('try-puppet')).toEqual({ verb: 'try-puppet', times: 1 })

    // Done before the second half comes, which then meets what stands there by then.
    for (const [path, button, verb] of [buttons[0], buttons[3], buttons[5]]) {
      await show(path)
      await button.click({ trial: true })
      const at = await middleOf(button)
      const answered = page.waitForResponse(answer => answer.url().endsWith(verb))
      await page.mouse.click(...at)
      await answered
      await button.click({ trial: true })
      await page.mouse.down({ clickCount: 2 })
      await page.mouse.up({ clickCount: 2 })
      expect(await timesOf(verb)).toEqual({ verb, times: 1 })
    }

    await show(`bots/${bots[0]!.id}`)
    await sync.focus()
    for (const _ of ['pressed', 'held']) await page.keyboard.down('Enter')
    await page.keyboard.up('Enter')
    expect(await timesOf('sync-bot')).toEqual({ verb: 'sync-bot', times: 1 })
    // Before the button is drawn as one that takes none.
    await page.getByText('已同步').first().waitFor()
    await sync.evaluate(button => {
      for (const _ of ['pressed', 'again']) button.click()
    })
    expect(await timesOf('sync-bot')).toEqual({ verb: 'sync-bot', times: 1 })
  })

  test('UI-97 a list goes on once for each press of its button, however fast they come, and a number by each step', async () => {
    const { page, show } = visit
    let release = () => {}
    let held = Promise.resolve()
    const hold = () => {
      held = new Promise(resolve => {
        release = resolve
      })
    }
    // Pages of one room.
    await page.route(/list-chats$/, async route => {
      const asked = { ...route.request().postDataJSON(), limit: 1 }
      if (asked.after) await held
      await route.continue({ postData: JSON.stringify(asked) })
    })
    const next = page.getByRole('button', { name: '下一页' })
    const room = (n: number) =>
      page.locator('main [data-row]').filter({ hasText: `${PLAIN_WORDS.topic}${n}` })

    // The second press comes while the second page is read.
    await show('rooms')
    hold()
    await next.dblclick()
    release()
    await room(3).waitFor()

    // Or when it is there already.
    await show('rooms')
    await next.click({ trial: true })
    const at = await middleOf(next)
    await page.mouse.click(...at)
    await room(2).waitFor()
    await page.mouse.down({ clickCount: 2 })
    await page.mouse.up({ clickCount: 2 })
    await room(3).waitFor()

    // What is wanted of a list is wanted neither of another one nor of its beginning.
    const find = page.getByRole('textbox', { name: '找群' })
    for (const away of [
      () => find.fill(PLAIN_WORDS.topic).then(() => find.press('Enter')),
      () => page.getByRole('link', { name: '回到第一页' }).click(),
    ]) {
      await show('rooms')
      await room(1).waitFor()
      hold()
      await next.dblclick()
      await away()
      await room(1).waitFor()
      release()
      await page.locator('main footer button[aria-busy="false"]').waitFor()
      await settled(page)
      await room(1).waitFor()
      expect(new URL(page.url()).searchParams.get('after')).toBe(null)
    }

    await show('address')
    await page.getByRole('button', { name: '更换…' }).click()
    const dialog = page.getByRole('dialog')
    const number = dialog.locator('.mantine-NumberInput-input')
    const before = Number(await number.inputValue())
    await dialog.locator('.mantine-NumberInput-control').first().dblclick()
    expect(Number(await number.inputValue())).toBe(before + 2)
  })

  test('UI-92 on a phone the filters stand behind a button that counts those that are chosen', async () => {
    const { page, show } = visit
    await page.setViewportSize({ width: 390, height: 900 })
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
    const { page, show } = visit
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
