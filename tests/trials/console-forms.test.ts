import { readFile } from 'node:fs/promises'
import { describeInBrowser } from '@qunhub/testing/browser/describe-in-browser.ts'
import { buildConsole, OWNER, openConsole } from '@qunhub/testing/browser/open-console.ts'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'

describeInBrowser('what is filled in at the console', () => {
  let house: House
  beforeAll(() => buildConsole())
  // One for each: what a test leaves in it would fail it when it is told once more.
  beforeEach(async () => {
    house = await openHouse()
  })
  afterEach(() => house?.close())

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
    await there.page.goto(`${house.baseUrl}/console/w/${house.workspaceId}/tokens`)
    await there.page.locator('input[type=password]').waitFor()
  })

  test('UI-88 a puppet is tried from the form before it is saved, and what failed is said where it failed', async () => {
    const bot = house.world.addBot({ userId: 'xiaobei', nickName: '小北' })
    const visit = await visitAs('试连接')
    const { page } = visit
    await visit.show('bots')
    await page.getByRole('button', { name: '添加机器人…' }).click()
    const dialog = page.getByRole('dialog')
    const tryIt = dialog.getByRole('button', { name: '试连接' })
    expect(await tryIt.isDisabled()).toBe(true)
    await dialog.getByRole('textbox', { name: /puppet 地址/ }).fill('127.0.0.1:1')
    await dialog.locator('input[type=password]').fill(bot.token)
    await dialog.getByRole('textbox', { name: /userId/ }).fill('xiaonan')
    await tryIt.click()
    await dialog.getByText(/ECONNREFUSED: 连不上/).waitFor()
    await dialog.getByRole('textbox', { name: /puppet 地址/ }).fill(house.simulator.endpoint)
    await tryIt.click()
    await dialog.getByText('小北 (xiaobei)').waitFor()
    await dialog.getByText('登录的是 xiaobei，不是预期的 xiaonan').waitFor()
    // What it would be as a command is made of the contract, which nothing of the policy may stand against either.
    await dialog.getByText('同样的事，用命令行或接口').click()
    await dialog.getByText(/qunhub bot add .*--token-file …/).waitFor()
    expect((await house.operate('list-bots', {})).bots).toEqual([])
    expect(visit).toMatchObject({ cspReports: [], foreignRequests: [] })
  })

  test('UI-47 rooms are ticked and tagged, all that fit after they were counted; one is read as the API gives it, and left', async () => {
    const { world, workspaceId: workspace } = house
    const bot = world.addBot({ userId: 'rooms01', nickName: '群管' })
    const lin = world.addContact({ name: '林舟' })
    for (const at of [1, 2, 3])
      world.addRoom({
        topic: `答谢群${at}`,
        ownerId: lin.wxid,
        members: [lin.wxid, bot.wxid],
        external: true,
      })
    const id = await house.host(bot)
    await house.operate('add-tag', { workspace, name: 'VIP' })
    const tagged = async () => {
      const { tags } = await house.operate('list-tags', { workspace })
      return tags[0]?.roomCount
    }
    const visit = await visitAs('群')
    const { page } = visit
    const dialog = page.getByRole('dialog')
    const choose = async () => {
      await dialog.getByRole('combobox', { name: '标签' }).click()
      await page.getByRole('listbox').getByRole('option', { name: 'VIP' }).click()
    }
    await visit.show(`rooms?bot=${id}`)
    await page.getByRole('checkbox', { name: '选中 答谢群2' }).check()
    await page.getByText('选中 1 个').waitFor()
    await page.getByRole('button', { name: '打标签…' }).click()
    await choose()
    await dialog.getByRole('button', { name: '打标签…' }).click()
    await eventually('the ticked room has it', async () => (await tagged()) === 1)

    await visit.show(`rooms?bot=${id}`)
    await page.getByRole('button', { name: '符合的全部打标签…' }).click()
    await choose()
    await dialog.getByText('符合的群：3 个').waitFor()
    await dialog.getByRole('button', { name: '给 3 个群打标签' }).click()
    await eventually('all that fit have it', async () => (await tagged()) === 3)

    await page.getByRole('link', { name: '答谢群1' }).click()
    await page.getByRole('button', { name: '去掉标签 VIP' }).click()
    await eventually('one is without', async () => (await tagged()) === 2)
    await page.getByLabel('+ 标签').selectOption({ label: 'VIP' })
    await eventually('it has it again', async () => (await tagged()) === 3)
    await page.getByText('接口返回的这一行').click()
    await page.getByText('"topic": "答谢群1"').waitFor()
    await page.getByRole('button', { name: '同步这个群' }).click()
    await page.getByText('已同步').waitFor()

    await page.getByRole('button', { name: '退出群…' }).click()
    await dialog.getByRole('textbox').fill('答谢群1')
    await dialog.getByRole('button', { name: '退出群…' }).click()
    await page.getByText('共 2 个群').waitFor()
    const { chats } = await house.operate('list-chats', { workspace, bot: id })
    expect(chats.map(({ topic }) => topic)).toEqual(['答谢群2', '答谢群3'])
    expect(visit).toMatchObject({ cspReports: [], foreignRequests: [], errors: [] })
  })

  test('UI-86 UI-87 a file is looked at, imported, and told of in a report', async () => {
    const bot = house.world.addBot({ userId: 'xiaodong' })
    const lin = house.world.addContact({ name: '林', friendOf: [bot.wxid] })
    await house.host(bot)
    await eventually('the contact is known', async () => {
      const { contacts } = await house.operate('list-contacts', { id: lin.wxid })
      return contacts.length > 0
    })
    const visit = await visitAs('导入')
    const { page } = visit
    await visit.show('contacts')
    await page.getByRole('button', { name: '导入…' }).click()
    const dialog = page.getByRole('dialog')
    const choose = (buffer: Buffer) =>
      dialog
        .locator('input[type=file]')
        .setInputFiles({ name: 'customers.csv', mimeType: 'text/csv', buffer })
    await choose(Buffer.from('PK\u0003\u0004', 'latin1'))
    await dialog.getByText('Excel 工作簿').waitFor()
    const unionId = `o${'x'.repeat(27)}`
    await choose(
      Buffer.from(
        `\uFEFFwxid,unionId\n${lin.wxid},${unionId}\n7881399999999999,${unionId.replace('x', 'y')}\n`,
      ),
    )
    await dialog.getByText('customers.csv 会这样').waitFor()
    const known = async () => (await house.operate('list-contacts', { id: lin.wxid })).contacts[0]?.unionId
    expect(await known()).not.toBe(unionId)
    await dialog.getByRole('button', { name: '导入 2 行' }).click()
    await dialog.getByText('customers.csv 已导入').waitFor()
    expect(await known()).toBe(unionId)
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: '下载报告 CSV' }).click(),
    ])
    expect(file.suggestedFilename()).toBe('customers.csv-report.csv')
    const report = await readFile(await file.path(), 'utf8')
    expect(report).toContain('2,updated,1')
    expect(report).toContain('3,unknown,0')
    expect(visit).toMatchObject({ cspReports: [], foreignRequests: [] })
  })
})
