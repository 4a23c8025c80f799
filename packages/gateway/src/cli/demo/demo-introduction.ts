import type { WorldSnapshot } from '@qunhub/simulator'
import { isSameUserId } from '../../model/user-id.ts'

export interface DemoFacts {
  readonly baseUrl: string
  readonly token: string
  readonly simulatorUrl: string
  readonly receiverUrl: string
  readonly tagId: string
  readonly dataDir: string
  readonly world: WorldSnapshot
}

/** What a newcomer reads first: where everything is, and lines that work when pasted. Chinese first. */
export const demoIntroduction = (facts: DemoFacts): string =>
  [
    '',
    '群枢 Qunhub 演示已就绪 (the demo is ready)',
    '',
    `  API 地址 base URL      ${facts.baseUrl}`,
    `  演示 token demo token   ${facts.token}`,
    `  OpenAPI                ${facts.baseUrl}/openapi.json`,
    `  模拟器 simulator        ${facts.simulatorUrl}   (GET /world)`,
    `  回调地址 callbacks      ${facts.receiverUrl}`,
    `  数据目录 data           ${facts.dataDir}`,
    '',
    '  两个演示账号已由网关托管; 一个 token 只有一条事件流, 用它再连 Wechaty 程序会一直等待, 没有任何提示。',
    '  要试 Wechaty 程序请另加账号: POST /bots, 见模拟器的 README',
    '  (the gateway holds the one event stream of each bot: another Wechaty program on its token waits in silence;',
    '  add a bot of its own with POST /bots)',
    '',
    '试一试, 直接粘贴 (paste these):',
    '',
    ...examples(facts).flatMap(({ title, curl }) => [`# ${title}`, curl, '']),
    '以下是收到的回调, Ctrl+C 停止 (callbacks as they are heard):',
    '',
  ].join('\n')

interface Example {
  readonly title: string
  readonly curl: string
}

function examples(facts: DemoFacts): Example[] {
  const { baseUrl, token, tagId, world } = facts
  const list = {
    title: '按标签查群 / list by tag',
    curl: `curl -s '${baseUrl}/room/listByMHTag?token=${token}&mhTagId=${tagId}'`,
  }
  return [createExample(facts), addMemberExample(facts), list].filter(
    example => example !== null && world.bots.length > 0,
  ) as Example[]
}

function createExample({ baseUrl, token, world }: DemoFacts): Example | null {
  for (const bot of onlineBots(world)) {
    const friends = friendsOf(world, bot.wxid)
    if (friends.length < 2) continue
    const body = {
      token,
      botUserId: bot.userId,
      wxids: friends.slice(0, 2).map(friend => friend.wxid),
      name: '新客户群',
      greeting: '大家好',
    }
    return { title: '创建群聊 / create a room', curl: post(`${baseUrl}/room/create`, body) }
  }
  return null
}

/** A room that still pulls people in, and a friend of the bot who is not in it. */
function addMemberExample({ baseUrl, token, world }: DemoFacts): Example | null {
  for (const bot of onlineBots(world)) {
    for (const room of world.rooms.filter(candidate => candidate.external && candidate.members.length < 40)) {
      const inside = new Set(room.members.map(member => member.wxid))
      const friend = friendsOf(world, bot.wxid).find(candidate => !inside.has(candidate.wxid))
      if (!inside.has(bot.wxid) || !friend) continue
      const body = { token, botUserId: bot.userId, contactWxid: friend.wxid, roomWxid: room.wxid }
      return {
        title: `把 ${friend.name} 拉进 ${room.topic} / add a member`,
        curl: post(`${baseUrl}/room/addMember`, body),
      }
    }
  }
  return null
}

// A userId that two bots share would be refused; the lines shown must work.
const onlineBots = (world: WorldSnapshot) =>
  world.bots.filter(
    bot =>
      bot.state === 'online' &&
      bot.kind === 'wecom' &&
      world.bots.filter(other => isSameUserId(other.userId, bot.userId)).length === 1,
  )

const friendsOf = (world: WorldSnapshot, botWxid: string) =>
  world.contacts.filter(contact => contact.friendOf.includes(botWxid))

/** Single quotes keep the shell off the JSON; one inside it is written as an escape. */
const post = (url: string, body: object): string =>
  `curl -s -X POST '${url}' -H 'Content-Type: application/json' -d '${JSON.stringify(body).replaceAll("'", '\\u0027')}'`
