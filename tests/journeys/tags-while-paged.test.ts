import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { type ChatId, listByMHTag, type TagId } from '@qunhub/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seededRandom } from '../../packages/gateway/src/store/contract/scene.contract.ts'

/** Tags that are renamed, taken off and removed while somebody pages through their chats. */
const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e6))
const ROOMS = 34
const PAGE = 5
const RUNS = 25

let house: House
/** Oldest first. */
let chats: ChatId[]

beforeAll(async () => {
  house = await openHouse()
  const bot = house.world.addBot({ userId: 'xiaobei' })
  for (let n = 0; n < ROOMS; n++)
    house.world.addRoom({ topic: `客户群${n}`, ownerId: bot.wxid, members: [bot.wxid], external: true })
  await house.host(bot)
  const { body } = await house.get('/room/listByMHTag', { pageSize: '100' })
  chats = listByMHTag.reply.parse(body).data.map(({ chatId }) => chatId)
})
afterAll(() => house.close())

const workspace = () => house.workspaceId
const addTag = async (name: string, of: readonly ChatId[]): Promise<TagId> => {
  const { id } = await house.operate('add-tag', { workspace: workspace(), name })
  await house.operate('assign-tag', { workspace: workspace(), tag: id, chats: [...of] })
  return id
}

async function page(mhTagId: TagId, current: number) {
  const { status, body } = await house.get('/room/listByMHTag', {
    ...{ mhTagId, current: String(current), pageSize: String(PAGE) },
  })
  expect(status).toBe(200)
  const reply = listByMHTag.reply.parse(body)
  expect(reply.code).toBe(0)
  return { data: reply.data, told: reply.page! }
}

test(`LT-2 LT-4 whatever becomes of a tag while it is paged through, no page fails, repeats a chat or leaves the order: SEED=${SEED}`, async () => {
  const { fraction } = seededRandom(SEED)
  const below = (max: number) => Math.floor(fraction() * max)
  const some = () => chats.filter(() => fraction() < 0.7)
  for (let run = 0; run < RUNS; run++) {
    const of = some()
    const names = ['甲']
    const tag = await addTag('甲', of)
    const other = await addTag('乙', some())
    const onlyRenamed = fraction() < 0.4
    let isRemoved = false
    const rename = (which: TagId) => {
      const name = `名${run}-${names.length}`
      names.push(name)
      return house.operate('rename-tag', { workspace: workspace(), tag: which, name })
    }
    const harmless = [
      () => rename(tag),
      () => rename(tag),
      () => house.operate('unassign-tag', { workspace: workspace(), tag: other, chats: some() }),
      () => house.operate('assign-tag', { workspace: workspace(), tag: other, chats: some() }),
    ]
    const any = [
      ...harmless,
      () => house.operate('unassign-tag', { workspace: workspace(), tag, chats: some() }),
      () => house.operate('assign-tag', { workspace: workspace(), tag, chats: some() }),
      async () => {
        if (isRemoved) return
        await house.operate('remove-tag', { workspace: workspace(), tag })
        isRemoved = true
      },
    ]
    const steps = onlyRenamed ? harmless : any
    const changes = (async () => {
      for (let n = 0; n < 8; n++) {
        // A tag that is gone is refused.
        await steps[below(steps.length)]!().catch(failure => {
          if (!isRemoved) throw failure
        })
      }
    })()
    const seen: ChatId[] = []
    for (let current = 1; current <= Math.ceil(of.length / PAGE) + 1; current++) {
      const wasRemoved = isRemoved
      const { data, told } = await page(tag, current)
      if (wasRemoved) expect([data, told]).toEqual([[], { current, total: 0 }])
      const at = data.map(({ chatId }) => chats.indexOf(chatId))
      expect(
        at.every((each, n) => each >= 0 && (n === 0 || at[n - 1]! < each)),
        `run ${run}: ${at}`,
      ).toBe(true)
      expect(told.total).toBeGreaterThanOrEqual(data.length)
      if (onlyRenamed) {
        expect(told.total).toBe(of.length)
        for (const { labels } of data) {
          const own = labels.filter(({ id }) => id === tag)
          expect(own).toHaveLength(1)
          expect(names).toContain(own[0]!.name)
        }
      }
      seen.push(...data.map(({ chatId }) => chatId))
    }
    if (onlyRenamed) expect(seen).toEqual(of)
    await changes
    for (const left of [tag, other])
      await house.operate('remove-tag', { workspace: workspace(), tag: left }).catch(() => {})
    expect((await page(tag, 1)).told.total).toBe(0)
  }
  const { body } = await house.get('/room/listByMHTag', { pageSize: '100' })
  expect(listByMHTag.reply.parse(body).data.flatMap(({ labels }) => labels)).toEqual([])
})
