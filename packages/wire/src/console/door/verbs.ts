import type { z } from 'zod'
import { alertVerbs } from '../alert.ts'
import { botVerbs } from '../bots/bot.ts'
import { loginVerbs } from '../bots/login.ts'
import { puppetTryVerbs } from '../bots/puppet-try.ts'
import { callbackVerbs } from '../callbacks/callback.ts'
import { callbackAddressVerbs } from '../callbacks/callback-address.ts'
import { callbackRateVerbs } from '../callbacks/callback-rate.ts'
import { callbackTailVerbs } from '../callbacks/callback-tail.ts'
import { callbackTestVerbs } from '../callbacks/callback-test.ts'
import { receiverExaminationVerbs } from '../callbacks/receiver-examination.ts'
import { replayVerbs } from '../callbacks/replay.ts'
import { matchVerbs } from '../match.ts'
import { nodeVerbs } from '../node.ts'
import { overviewVerbs } from '../overview.ts'
import { auditVerbs } from '../people/audit.ts'
import { personVerbs } from '../people/person.ts'
import { requestVerbs } from '../requests/request.ts'
import { tryRequestVerbs } from '../requests/try-request.ts'
import { chatVerbs } from '../rooms/chat.ts'
import { chatRowVerbs } from '../rooms/chat-row.ts'
import { contactVerbs } from '../rooms/contact.ts'
import { roomExitVerbs } from '../rooms/room-exit.ts'
import { roomSyncVerbs } from '../rooms/room-sync.ts'
import { tagVerbs } from '../rooms/tag.ts'
import { tagAllVerbs } from '../rooms/tag-all.ts'
import { simulatorVerbs } from '../simulator/simulator.ts'
import { tokenVerbs } from '../token.ts'
import { workspaceVerbs } from '../workspace.ts'

/** Everything operators can ask, by name; the door answers `POST /operator/<name>`. */
export const operatorVerbs = {
  ...workspaceVerbs,
  ...tokenVerbs,
  ...botVerbs,
  ...puppetTryVerbs,
  ...loginVerbs,
  ...tagVerbs,
  ...tagAllVerbs,
  ...chatVerbs,
  ...chatRowVerbs,
  ...roomExitVerbs,
  ...roomSyncVerbs,
  ...callbackAddressVerbs,
  ...callbackTestVerbs,
  ...receiverExaminationVerbs,
  ...callbackVerbs,
  ...callbackTailVerbs,
  ...replayVerbs,
  ...contactVerbs,
  ...alertVerbs,
  ...nodeVerbs,
  ...personVerbs,
  ...auditVerbs,
  ...callbackRateVerbs,
  ...requestVerbs,
  ...overviewVerbs,
  ...tryRequestVerbs,
  ...simulatorVerbs,
  ...matchVerbs,
} as const

/** The first word of each command: what the verbs behind it are about. */
export const commandGroups: Readonly<Record<string, string>> = {
  workspace: '工作区 (小组) / workspaces',
  token: '调用 API 的 token / tokens of the API',
  bot: '机器人 (托管账号) / bots: hosted accounts',
  tag: '秒回标签 / tags on chats',
  room: '群 / rooms, as the bots see them',
  callback: '回调 / callbacks owed to the customer',
  contact: '联系人 / contacts',
  alert: '告警 / alerts',
  node: '节点: 共用一个数据库的网关 / gateways that share a store',
  person: '能登录控制台的人 / people who may sign in at the console',
  console: '控制台 / the console',
  audit: '谁做了什么 / who did what',
  request: '群聊接口的调用 / calls of the API',
  simulator: '演示里模拟的企业微信 / the simulated WeCom of the demo',
}

export type VerbName = keyof typeof operatorVerbs
/** What a caller may send: defaults may stay away. */
export type VerbAsk<N extends VerbName> = z.input<(typeof operatorVerbs)[N]['input']>
/** What the verb works on, after parsing. */
export type VerbInput<N extends VerbName> = z.output<(typeof operatorVerbs)[N]['input']>
export type VerbOutput<N extends VerbName> = z.output<(typeof operatorVerbs)[N]['output']>
export type VerbRefusal<N extends VerbName> = keyof (typeof operatorVerbs)[N]['refusals'] & string
