import type { WorldSnapshot } from '@qunhub/simulator'
import type { ConsoleFacts } from '../first-owner-code.ts'
import { demoRequests } from './demo-requests.ts'

export interface DemoFacts {
  readonly baseUrl: string
  readonly token: string
  /** Null where there is none (QUNHUB_CONSOLE). */
  readonly ofConsole: ConsoleFacts | null
  readonly simulatorUrl: string
  readonly receiverUrl: string
  /** Whether the receiver is the demo's own, which tells what it hears. */
  readonly hearsItself: boolean
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
    ...(facts.ofConsole ? [`  控制台 console          ${facts.ofConsole.url}`] : []),
    ...(facts.ofConsole?.setupCode ? [`  设置码 setup code       ${facts.ofConsole.setupCode}`] : []),
    `  文档 documents          ${facts.baseUrl}/docs`,
    `  在线调试 try it         ${facts.baseUrl}/docs/try`,
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
    facts.hearsItself
      ? '以下是收到的回调, Ctrl+C 停止 (callbacks as they are heard):'
      : '回调发往上面的地址, Ctrl+C 停止; 要演示自己接收: qunhub callback clear-url, 再启动 (callbacks go to the address above; for the demo to hear them itself: qunhub callback clear-url, and start it anew)',
    '',
  ].join('\n')

interface Example {
  readonly title: string
  readonly curl: string
}

function examples({ baseUrl, token, tagId, world }: DemoFacts): Example[] {
  const { create, addMember, listByMHTag } = demoRequests({ token, tagId, world })
  const nameOf = ({ contactWxid }: { contactWxid?: unknown }) =>
    world.contacts.find(({ wxid }) => wxid === contactWxid)?.name
  const topicOf = ({ roomWxid }: { roomWxid?: unknown }) =>
    world.rooms.find(({ wxid }) => wxid === roomWxid)?.topic
  return [
    create && { title: '创建群聊 / create a room', curl: post(`${baseUrl}/room/create`, create) },
    addMember && {
      title: `把 ${nameOf(addMember)} 拉进 ${topicOf(addMember)} / add a member`,
      curl: post(`${baseUrl}/room/addMember`, addMember),
    },
    listByMHTag && {
      title: '按标签查群 / list by tag',
      curl: `curl -s '${baseUrl}/room/listByMHTag?token=${token}&mhTagId=${tagId}'`,
    },
  ].filter(example => example !== undefined)
}

/** Single quotes keep the shell off the JSON; one inside it is written as an escape. */
const post = (url: string, body: object): string =>
  `curl -s -X POST '${url}' -H 'Content-Type: application/json' -d '${JSON.stringify(body).replaceAll("'", '\\u0027')}'`
