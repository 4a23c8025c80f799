/**
 * `npm run pictures`: the three pictures of the READMEs, written to docs/pictures: the overview, a callback that is tried again,
 * and a bot that waits for somebody with a phone. What they show is made up here, and is the same each time but for ids and times.
 */
import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { whyNoChromium } from '../packages/testing/src/browser/find-chromium.ts'
import { buildConsole, OWNER, openConsole, settled } from '../packages/testing/src/browser/open-console.ts'
import { eventually } from '../packages/testing/src/eventually.ts'
import { openHouse } from '../packages/testing/src/grounds/open-house.ts'

const folder = resolve(import.meta.dirname, '../docs/pictures')
const missing = whyNoChromium()
if (missing !== null) throw new Error(missing)

const TOPICS = ['老客户答谢群', '618 活动答疑', '新品试用反馈', '华东渠道交流', '会员日福利', '售后快速响应']
const CUSTOMERS = ['林舟', '王小满', '陈一诺', '赵青', '孙可', '周南']
/** Of the rooms, in their order: those whose first callbacks are not taken. */
const REFUSED = new Map([
  [1, 404],
  [4, 503],
])

buildConsole()
const house = await openHouse({ isSimulated: true })
const { world, workspaceId: workspace, customer } = house
const people = CUSTOMERS.map(name => world.addContact({ name }))
const bot = world.addBot({ userId: 'xiaobei', nickName: '小北' })
const rooms = TOPICS.map(topic =>
  world.addRoom({
    ...{ topic, ownerId: bot.wxid, external: true },
    members: [bot.wxid, ...people.slice(0, 4).map(({ wxid }) => wxid)],
  }),
)
const refusals = new Map([...REFUSED].map(([at, status]) => [rooms[at]!.wxid, status]))
customer.answerWith(({ json }) => refusals.get((json as { wxid?: string }).wxid ?? '') ?? 200)
await house.host(bot)
const scanned = await house.host(
  world.addBot({ userId: 'kefu01', nickName: '客服一号', state: 'awaiting-scan' }),
)
await eventually('all callbacks were tried', async () => {
  const { callbacks } = await house.operate('list-callbacks', { workspace })
  return callbacks.length === TOPICS.length && callbacks.every(({ attempts }) => attempts > 0)
})
const { callbacks } = await house.operate('list-callbacks', { workspace })
const failing = callbacks.find(({ lastStatus }) => lastStatus === 503)

await mkdir(folder, { recursive: true })
const visit = await openConsole(house, { height: 800 }, OWNER.name)
const take = async (name: string, page: string): Promise<void> => {
  await visit.show(page)
  await settled(visit.page)
  await visit.page.screenshot({ path: resolve(folder, `${name}.png`) })
}
await take('callbacks', `callbacks?open=${failing?.id}`)
await visit.show(`bots/${scanned}`)
await visit.page.locator('.qr:not(.stale) path').waitFor()
await visit.page.screenshot({ path: resolve(folder, 'bot.png') })
await eventually('what was delivered is counted', async () => {
  const { callbacks } = await house.operate('show-overview', { workspace })
  return callbacks.lastHour.delivered > 0
})
await take('overview', 'overview')
await visit.close()
await house.close()
process.exit(0)
