/** A house with something on every page of the console: bots in several states, callbacks that went well and badly, tags, tokens. */
import type { BotId } from '@qunhub/wire'
import { eventually } from '../eventually.ts'
import { type House, openHouse } from '../grounds/open-house.ts'

export interface WorldWords {
  readonly topic: string
  readonly name: string
  readonly tag: string
}

export const PLAIN_WORDS: WorldWords = { topic: '老客户答谢群', name: '小北', tag: 'VIP客户群' }

/** What people may call themselves, each as text or as code, depending on who reads it. */
const PAYLOAD = `<img src=x onerror="window.ran=1"><script>window.ran=1</script>'"\`\${window.ran=1}{{window.ran=1}}`
export const PAYLOAD_WORDS: WorldWords = { topic: PAYLOAD, name: PAYLOAD, tag: PAYLOAD }

export async function openConsoleWorld(words: WorldWords): Promise<House & { readonly scanned: BotId }> {
  const house = await openHouse({ isSimulated: true })
  const { world, workspaceId: workspace } = house
  const bot = world.addBot({ userId: 'xiaobei', nickName: words.name })
  const lin = world.addContact({ name: words.name })
  for (const at of [1, 2, 3]) {
    const members = [bot.wxid, lin.wxid]
    world.addRoom({ topic: `${words.topic}${at}`, ownerId: bot.wxid, members, external: true })
  }
  await house.host(bot)
  const scanned = await house.host(
    world.addBot({ userId: 'kefu01', nickName: words.name, state: 'logged-out' }),
  )
  await eventually('three rooms are told of', async () => {
    const { callbacks } = await house.operate('list-callbacks', { workspace, state: 'delivered' })
    return callbacks.length >= 3
  })
  const { chats } = await house.operate('list-chats', { workspace })
  const { id: tag } = await house.operate('add-tag', { workspace, name: words.tag.slice(0, 100) })
  await house.operate('assign-tag', { workspace, tag, chats: chats.map(({ chatId }) => chatId) })
  await house.operate('issue-token', { workspace, label: words.name.slice(0, 100) })
  await house.operate('start-replay', { workspace, state: 'delivered' })
  await house.operate('simulate-fault', { fault: 'add-refused' })
  await house.get('/room/list')
  await house.post('/room/exit', { wecomUserId: 'nobody', roomWxid: 'R:1' })
  await eventually('the requests are written down', async () => {
    const { requests } = await house.operate('list-requests', { workspace })
    return requests.length >= 2
  })
  return { ...house, scanned }
}
