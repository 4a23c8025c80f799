import type { Bot } from '@qunhub/simulator'
import { describeInBrowser } from '@qunhub/testing/browser/describe-in-browser.ts'
import {
  buildConsole,
  type ConsoleVisit,
  openConsole,
  type VisitedHouse,
} from '@qunhub/testing/browser/open-console.ts'
import type { VisitOptions } from '@qunhub/testing/browser/open-visit.ts'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type Cluster, type ClusterNode, openCluster } from '@qunhub/testing/grounds/open-cluster.ts'
import type { BotId } from '@qunhub/wire'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

const TABS = 8

describeInBrowser('the console of two nodes on one PostgreSQL', () => {
  let cluster: Cluster
  let simulated: Bot
  let bot: BotId

  beforeAll(async () => {
    buildConsole()
    cluster = await openCluster(2)
    simulated = cluster.world.addBot({ userId: 'xiaobei', nickName: '小北' })
    enterRoom('老客户答谢群')
    bot = await cluster.host(simulated)
    await eventually('the room is told of', () => cluster.customer.heard.length > 0)
  })
  afterAll(() => cluster?.close())

  const enterRoom = (topic: string) =>
    cluster.world.addRoom({ topic, ownerId: simulated.wxid, members: [simulated.wxid], external: true })

  const houseOf = ({ gateway, operate }: ClusterNode): VisitedHouse => ({
    baseUrl: gateway.baseUrl,
    operate,
    workspaceId: cluster.workspaceId,
  })

  async function visit(node: ClusterNode, name: string, options?: VisitOptions): Promise<ConsoleVisit> {
    const opened = await openConsole(houseOf(node), options, name)
    onTestFinished(() => opened.close())
    return opened
  }

  test('UI-26 a bot of the other node is shown and steered alike: logged out, its code shown, online again', async () => {
    const { page, show, ...heard } = await visit(cluster.otherThan(bot), 'other node')
    await show(`bots/${bot}`)
    await page.getByText('在线，正在听事件。').waitFor()
    await page.getByRole('button', { name: '退出登录…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox').fill('xiaobei')
    await dialog.getByRole('button', { name: '退出登录', exact: false }).last().click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByText('账号已退出登录').waitFor()
    cluster.world.setBotState(simulated.wxid, 'awaiting-scan')
    await page.locator('.qr:not(.stale)').waitFor()
    cluster.world.takeScanStep(simulated.wxid, 'confirmed')
    await page.getByText('在线，正在听事件。').waitFor()
    expect(heard).toMatchObject({ cspReports: [], foreignRequests: [], errors: [] })
  })

  test('UI-28 eight tabs are all told of what is new', async () => {
    const { page, show } = await visit(cluster.otherThan(bot), 'eight tabs')
    await show('callbacks')
    const url = page.url()
    const tabs = [page]
    for (let n = 1; n < TABS; n++) tabs.push(await page.context().newPage())
    await Promise.all(tabs.slice(1).map(tab => tab.goto(url)))
    for (const tab of tabs) await tab.locator('main [data-row]').first().waitFor()
    enterRoom('第八个标签页')
    for (const tab of tabs) await tab.getByText(/条新回调/).waitFor()
  })

  test('UI-36 a browser whose clock is three days fast shows the spans of the gateway', async () => {
    const { page, show } = await visit(cluster.otherThan(bot), 'clock')
    await page.addInitScript(`{ const real = Date.now; Date.now = () => real() + 3 * 86400000 }`)
    await show(`bots/${bot}`)
    const span = page.getByText(/^\d+ (秒|分钟|小时|天)$/).first()
    await eventually('the spans of the gateway', async () => /秒|分钟/.test((await span.textContent()) ?? ''))
  })

  test('UI-27 a gateway that restarts under an open page: what was read stays, and it goes on by itself', async () => {
    const node = cluster.otherThan(bot)
    const { page, show } = await visit(node, 'restart')
    await show('callbacks')
    const rows = page.locator('main [data-row]')
    await rows.first().waitFor()
    const before = await rows.count()
    const { port } = new URL(node.gateway.baseUrl)
    await cluster.stop(node)
    await page.locator('.lost').waitFor()
    expect(await rows.count()).toBe(before)
    await cluster.addNode({ env: { PORT: port } })
    await page.locator('.lost').waitFor({ state: 'detached' })
    enterRoom('重启之后')
    await page.getByText(/条新回调/).click()
    await eventually('it is listed', async () => (await rows.count()) > before)
  })
})
