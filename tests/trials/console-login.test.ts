import type { Bot } from '@qunhub/simulator'
import { describeInBrowser } from '@qunhub/testing/browser/describe-in-browser.ts'
import { buildConsole, openConsole } from '@qunhub/testing/browser/open-console.ts'
import { watchPicture } from '@qunhub/testing/browser/watch-picture.ts'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import type { Page } from 'playwright-core'
import { afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { modulesOf, qrPath } from '../../packages/console/src/bots/qr-path.ts'

const LOGIN = '/verbs/login-bot'
/** What the simulator calls the right one (packages/simulator/RULES.md). */
const VERIFY_CODE = '246810'

describeInBrowser('a bot that waits for somebody with a phone', () => {
  let house: House
  beforeAll(() => buildConsole())
  // One for each: what a test leaves in it would fail it when it is told once more.
  beforeEach(async () => {
    house = await openHouse()
  })
  afterEach(() => house?.close())

  async function visitBot(userId: string, state: Bot['state'], name: string) {
    const bot = house.world.addBot({ userId, nickName: '客服一号', state })
    const id = await house.host(bot)
    const visit = await openConsole(house, {}, name)
    onTestFinished(() => visit.close())
    await visit.show(`bots/${id}`)
    return { bot, id, visit, page: visit.page }
  }

  /** What the puppet shows at this moment, as the page draws it. */
  const pictureOf = ({ wxid }: Bot): string => {
    const shown = house.world.snapshot().bots.find(bot => bot.wxid === wxid)
    return qrPath(modulesOf(shown?.scan?.qrcode ?? ''))
  }
  const shows = (page: Page, bot: Bot) =>
    eventually('the code of the puppet is shown', async () => {
      const code = page.locator('.qr:not(.stale) path')
      return (await code.count()) === 1 && (await code.getAttribute('d')) === pictureOf(bot)
    })

  test('UI-83 a code is swapped by the answer to what was asked before the puppet swapped it, and closes on login', async () => {
    const { bot, visit, page } = await visitBot('kefu01', 'awaiting-scan', 'swap')
    await shows(page, bot)
    const pictures = await watchPicture(page)
    const first = pictureOf(bot)
    const asked: number[] = []
    page.on('request', request => void (request.url().endsWith(LOGIN) && asked.push(Date.now())))

    // From here on the page waits: what it is told comes by itself.
    await page.waitForRequest(request => request.url().endsWith(LOGIN))
    const before = asked.length
    const at = Date.now()
    house.world.takeScanStep(bot.wxid, 'expired')
    await shows(page, bot)
    const second = pictureOf(bot)
    const swap = await eventually('the second code', () => pictures.find(({ path }) => path === second))
    console.info(`UI-83 from the puppet's event to the screen: ${Math.round(swap.at - at)} ms`)
    expect(second).not.toBe(first)
    expect(swap.isStale).toBe(false)
    // The answer under way brought it: at most that of the code whose time was over, and then the one of the next.
    expect(asked.filter(each => each <= swap.at).length - before).toBeLessThanOrEqual(2)
    // Never the first one as one to scan once the second was there.
    expect(pictures.slice(pictures.indexOf(swap)).filter(({ path }) => path === first)).toEqual([])

    house.world.takeScanStep(bot.wxid, 'scanned')
    await page.getByRole('status').getByText('已被扫描').waitFor()
    house.world.takeScanStep(bot.wxid, 'confirmed')
    await page.getByText('在线，正在听事件。').waitFor()
    await page.locator('.qr').waitFor({ state: 'detached' })
    expect(visit).toMatchObject({ cspReports: [], foreignRequests: [] })
  })

  test('UI-83 what is hidden is not asked about, and no code of before is shown as one to scan afterwards', async () => {
    const { bot, page } = await visitBot('kefu02', 'awaiting-scan', 'hidden')
    await shows(page, bot)
    const pictures = await watchPicture(page)
    const first = pictureOf(bot)
    await page.evaluate(HIDE)
    await page.locator('.qr.stale').waitFor()
    const asked: string[] = []
    page.on('request', request => void (request.url().endsWith(LOGIN) && asked.push(request.url())))
    house.world.takeScanStep(bot.wxid, 'expired')
    // The other queries of a page that is not looked at rest as well.
    await page.waitForLoadState('networkidle')
    expect(asked).toEqual([])
    const known = pictures.length
    await page.evaluate(SHOW)
    await shows(page, bot)
    expect(pictures.slice(known).filter(({ path, isStale }) => path === first && !isStale)).toEqual([])
  })

  test('UI-84 a verification code is asked for as such: a wrong one is told, the right one ends it', async () => {
    const { bot, page } = await visitBot('kefu03', 'online', 'verify')
    await page.getByText('在线，正在听事件。').waitFor()
    house.world.setBotState(bot.wxid, 'logged-out')
    house.world.askToVerify(bot.wxid, 'code')
    await page.getByRole('heading', { name: '企业微信要求验证这个账号' }).waitFor()
    const field = page.getByRole('textbox', { name: '验证码' })
    await field.fill('000000')
    await page.getByRole('button', { name: '提交' }).click()
    await page.getByText('验证码不对，再输一次').waitFor()
    await field.fill(VERIFY_CODE)
    await page.getByRole('button', { name: '提交' }).click()
    await page.getByText('在线，正在听事件。').waitFor()
    await field.waitFor({ state: 'detached' })
    expect(house.world.verifications.get(bot.wxid)?.status).toBe('confirmed')
  })

  test('UI-84 the wrong account is shown with both names, and either choice ends it', async () => {
    const { endpoint } = house.simulator
    const visit = await openConsole(house, {}, 'other')
    onTestFinished(() => visit.close())
    const { page } = visit
    const meet = async (expected: string, userId: string) => {
      const other = house.world.addBot({ userId, nickName: '小南', token: `puppet_${userId}` })
      const { id } = await house.operate('add-bot', {
        ...{ workspace: house.workspaceId, endpoint, token: other.token, userId: expected as never },
      })
      await visit.show(`bots/${id}`)
      await page.getByText(new RegExp(`${expected}.*小南 \\(${userId}\\)`)).waitFor()
      return other
    }
    await meet('xiaobei', 'xiaonan')
    await page.getByRole('button', { name: '改为 小南 (xiaonan)…' }).click()
    await page.getByRole('dialog').locator('button[type=submit]').click()
    await page.getByText('在线，正在听事件。').waitFor()

    const other = await meet('xiaodong', 'xiaoxi')
    await page.getByRole('button', { name: '让它退出，重新扫码…' }).click()
    await page.getByRole('dialog').locator('button[type=submit]').click()
    await eventually('it is logged out', () => other.state === 'logged-out')
    house.world.setBotState(other.wxid, 'awaiting-scan')
    await page.getByRole('img', { name: '登录二维码' }).waitFor()
  })
})

const hiddenIs = (isHidden: boolean) => `(() => {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${isHidden} })
  document.dispatchEvent(new Event('visibilitychange'))
})()`
const HIDE = hiddenIs(true)
const SHOW = hiddenIs(false)
