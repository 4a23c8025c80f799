import { describeInBrowser } from '@qunhub/testing/browser/describe-in-browser.ts'
import { buildConsole, openConsole } from '@qunhub/testing/browser/open-console.ts'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

describeInBrowser('the console', () => {
  let house: House

  beforeAll(async () => {
    buildConsole()
    house = await openHouse()
    const bot = house.world.addBot({ userId: 'xiaobei' })
    house.world.addRoom({ topic: '老客户答谢群', ownerId: bot.wxid, members: [bot.wxid], external: true })
    await house.host(bot)
    await eventually('the room is told of', async () => {
      const { callbacks } = await house.operate('list-callbacks', {
        workspace: house.workspaceId,
        state: 'delivered',
      })
      return callbacks.length > 0
    })
  })
  afterAll(() => house?.close())

  test('UI-20 from a setup code to a callback and a bot, and the policy is never broken', async () => {
    const visit = await openConsole(house)
    onTestFinished(() => visit.close())
    const { page } = visit
    expect(await page.title()).toContain('概览')
    expect(page.url()).not.toContain('code=')

    await page.getByRole('link', { name: '回调', exact: true }).click()
    await page.locator('main [data-row]').first().click()
    const panel = page.locator('aside.panel')
    await panel.getByText('老客户答谢群').waitFor()
    await panel.getByText('第 1 次就送达').waitFor()
    // The address is the state.
    const opened = page.url()
    expect(new URL(opened).search).toMatch(/^\?open=\d+$/)
    await page.reload()
    await panel.getByText('第 1 次就送达').waitFor()
    await panel.getByRole('link', { name: '正文' }).click()
    await panel.locator('.tree').getByText('"老客户答谢群"').first().waitFor()
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })

    await page.getByRole('link', { name: '机器人', exact: true }).click()
    await page.locator('main [data-row]').click()
    await page.getByText('在线，正在听事件。').waitFor()
    expect(visit).toMatchObject({ cspReports: [], foreignRequests: [], errors: [] })
  })
})
