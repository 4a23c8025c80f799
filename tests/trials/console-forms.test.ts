import { describeInBrowser } from '@qunhub/testing/browser/describe-in-browser.ts'
import { buildConsole, OWNER, openConsole } from '@qunhub/testing/browser/open-console.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

describeInBrowser('what is filled in at the console', () => {
  let house: House
  beforeAll(async () => {
    buildConsole()
    house = await openHouse()
  })
  afterAll(() => house?.close())

  async function visitAs(name: string) {
    const visit = await openConsole(house, {}, name)
    onTestFinished(() => visit.close())
    return visit
  }

  test('UI-85 who changes the password goes on, and is signed out everywhere else', async () => {
    const here = await visitAs('口令')
    // Somebody who knows the password, at another machine.
    const there = await visitAs('别人')
    await there.page.context().clearCookies()
    await there.page.goto(`${house.baseUrl}/console/`)
    await there.page.getByRole('textbox', { name: '姓名' }).fill('口令')
    await there.page.locator('input[type=password]').fill(OWNER.password)
    await there.page.locator('button[type=submit]').click()
    await there.page.locator('main#main h1').waitFor()

    const { page } = here
    await page.getByRole('button', { name: '口令', exact: true }).click()
    await page.getByRole('menuitem', { name: '修改口令…' }).click()
    const dialog = page.getByRole('dialog')
    const fill = async (current: string, fresh: string, again: string) => {
      const fields = dialog.locator('input')
      for (const [at, text] of [current, fresh, again].entries()) await fields.nth(at).fill(text)
    }
    await fill(OWNER.password, 'a longer password', 'another password')
    await dialog.getByText('两次输入的不一样').waitFor()
    expect(await dialog.locator('button[type=submit]').isDisabled()).toBe(true)
    await fill('not the password', 'a longer password', 'a longer password')
    await dialog.locator('button[type=submit]').click()
    await dialog.getByText('现在的口令不对').waitFor()
    await fill(OWNER.password, 'a longer password', 'a longer password')
    await dialog.locator('button[type=submit]').click()
    await dialog.waitFor({ state: 'detached' })

    await here.show('tokens')
    await page.getByRole('heading', { name: '令牌' }).waitFor()
    await there.show('tokens').catch(() => {})
    await there.page.locator('input[type=password]').waitFor()
  })
})
