/**
 * The simulated WeCom of the demo, moved by people: verbs of the one door like any other, so that no browser needs the address of
 * its control API. Where no simulator runs they refuse.
 */
import { z } from 'zod'
import { text } from '../../model/text.ts'
import { anyId, instant, verb, wholeNumber } from '../door/verb.ts'
import { simulatedFaults } from './simulated-faults.ts'

const FOUND_MAX = 200
const FOUND_DEFAULT = 50
const SPOKEN_LENGTH_MAX = 2000
const ROOM_MEMBERS_MAX = 500
const FAULT_TIMES_MAX = 1000

const SIMULATED_ACCOUNT_STATES = ['online', 'offline', 'logged-out', 'awaiting-scan', 'scanned'] as const
const FAULT_NAMES = Object.keys(simulatedFaults) as [keyof typeof simulatedFaults]

const refusals = {
  'no-simulator':
    '这个网关没有运行模拟器, 它只在演示中有: npm start / no simulator runs here; it is part of the demo: npm start',
}
const movedRefusals = {
  ...refusals,
  'world-unknown':
    '模拟的世界里没有它, 用 qunhub simulator show 查看 / the simulated world has no such thing; see: qunhub simulator show',
  'world-refused': '企业微信不允许 / WeCom does not allow it',
} as const

const inRoom = { room: anyId().meta({ description: '群的 roomWxid / roomWxid of the room' }) }
const ofContact = { contact: anyId().meta({ description: '联系人的 wxid / wxid of the contact' }) }

/** What came of it: callbacks about the room that are owed from this moment on were caused by it. */
const Moved = z
  .object({
    at: instant().meta({ description: '发生的时间 / when it happened' }),
    room: z.string().nullable().meta({
      description: '哪个群; 与群无关时为 null / which room; null where it is about none',
    }),
  })
  .meta({ id: 'Moved' })
export type Moved = z.infer<typeof Moved>

const moving = { role: 'operator', byToken: false, output: Moved, refusals: movedRefusals } as const

export const SimulatedRoom = z
  .object({
    wxid: z.string(),
    topic: z.string(),
    external: z.boolean(),
    owner: z.string().meta({ description: '群主的名字 / name of the owner' }),
    memberCount: z.int().nonnegative(),
  })
  .meta({ id: 'SimulatedRoom' })
export type SimulatedRoom = z.infer<typeof SimulatedRoom>

export const SimulatedWorldView = z
  .object({
    accounts: z.array(
      z.object({
        wxid: z.string(),
        userId: z.string(),
        name: z.string(),
        state: z.enum(['online', 'offline', 'logged-out', 'awaiting-scan']),
      }),
    ),
    rooms: z.array(SimulatedRoom),
    contacts: z.array(z.object({ wxid: z.string(), name: z.string(), coworker: z.boolean() })),
    /** Cards that nobody has answered. */
    cards: z.array(
      z.object({
        id: z.string(),
        room: z.string(),
        topic: z.string(),
        contact: z.string(),
        account: z.string(),
      }),
    ),
    faults: z.array(
      z.object({
        name: z
          .enum(FAULT_NAMES)
          .nullable()
          .meta({ description: '不是从这里设的为 null / null where it was not set from here' }),
        on: z.string(),
        mode: z.string(),
        times: z.int().nullable().meta({
          description: '还会发生几次; null: 直到清除 / how often it still strikes; null: until it is cleared',
        }),
      }),
    ),
    /** Of the room that was asked for. */
    members: z
      .array(z.object({ wxid: z.string(), name: z.string(), isAccount: z.boolean(), isOwner: z.boolean() }))
      .nullable(),
    more: z.boolean().meta({ description: '还有没列出的 / there are more than are listed' }),
  })
  .meta({ id: 'SimulatedWorld' })
export type SimulatedWorldView = z.infer<typeof SimulatedWorldView>

export const simulatorVerbs = {
  'show-simulator': verb({
    summary: '查看模拟的企业微信: 账号、群、联系人、入群卡片、故障 / Look at the simulated WeCom',
    role: 'viewer',
    byToken: false,
    command: 'simulator show',
    examples: [['里面有谁 / who is in it', 'qunhub simulator show --find 老客户']],
    input: z.object({
      find: text(100).optional().meta({
        description: '群名、人名或 wxid 中含有的文字 / what the topic, the name or the wxid contains',
      }),
      room: anyId()
        .optional()
        .meta({ description: '也列出这个群的成员 / list the members of this room, too' }),
      limit: wholeNumber(1, FOUND_MAX)
        .default(FOUND_DEFAULT)
        .meta({ description: '各列出最多几个 / list so many of each at most' }),
    }),
    output: SimulatedWorldView,
    refusals: { ...refusals, 'world-unknown': movedRefusals['world-unknown'] },
  }),
  'simulate-join': verb({
    ...moving,
    summary: '模拟: 某人扫码入群 / Simulate: somebody joins a room by its QR code',
    command: 'simulator join <room> <contact>',
    examples: [['客户入群 / a customer joins', 'qunhub simulator join R:1 7881300000000001']],
    input: z.object({ ...inRoom, ...ofContact }),
  }),
  'simulate-leave': verb({
    ...moving,
    summary: '模拟: 某人退群 / Simulate: somebody leaves a room',
    command: 'simulator leave <room> <contact>',
    examples: [['客户退群 / a customer leaves', 'qunhub simulator leave R:1 7881300000000001']],
    input: z.object({ ...inRoom, ...ofContact }),
  }),
  'simulate-card': verb({
    ...moving,
    summary: '模拟: 客户接受或不理入群卡片 / Simulate: a customer takes a card, or does not',
    command: 'simulator card <card> <answer>',
    examples: [['接受 / take it', 'qunhub simulator card inv_1 accept']],
    input: z.object({
      card: anyId().meta({ description: '卡片的 id / id of the card' }),
      answer: z.enum(['accept', 'decline']).meta({ description: '接受或不理 / take it or let it lie' }),
    }),
  }),
  'simulate-crowd': verb({
    ...moving,
    summary:
      '模拟: 陌生人入群, 直到有这么多人 / Simulate: strangers join a room until it has so many members',
    command: 'simulator crowd <room> <members>',
    examples: [['到 40 人就要发卡片 / from 40 on a card is sent', 'qunhub simulator crowd R:1 40']],
    input: z.object({
      ...inRoom,
      members: wholeNumber(1, ROOM_MEMBERS_MAX).meta({ description: '群人数 / members of the room' }),
    }),
  }),
  'simulate-message': verb({
    ...moving,
    summary: '模拟: 某人在群里说话 / Simulate: somebody speaks in a room',
    command: 'simulator say <room> <from> <text>',
    examples: [['客户说话 / a customer speaks', 'qunhub simulator say R:1 7881300000000001 在吗']],
    input: z.object({
      ...inRoom,
      from: anyId().meta({ description: '说话人的 wxid / wxid of who speaks' }),
      text: text(SPOKEN_LENGTH_MAX).min(1).meta({ description: '说的话 / what is said' }),
    }),
  }),
  'simulate-account': verb({
    ...moving,
    summary:
      '模拟: 账号上线、掉线、退出, 或有人扫码确认 / Simulate: an account comes, goes, or is scanned in',
    command: 'simulator account <account> <to>',
    examples: [['扫码确认 / scan its code', 'qunhub simulator account 1688850000000001 scanned']],
    input: z.object({
      account: anyId().meta({ description: '账号的 wxid / wxid of the account' }),
      to: z.enum(SIMULATED_ACCOUNT_STATES).meta({
        description:
          '变成什么; scanned 是有人扫码并确认 / what it becomes; scanned: somebody scans its code and confirms',
      }),
    }),
  }),
  'simulate-fault': verb({
    ...moving,
    summary: '模拟: 让接下来的调用出错 / Simulate: let something go wrong from now on',
    command: 'simulator fault <fault>',
    examples: [['下一次拉人失败 / the next addition fails', 'qunhub simulator fault add-refused --times 1']],
    input: z.object({
      fault: z.enum(FAULT_NAMES).meta({ description: '什么出错 / what goes wrong' }),
      times: wholeNumber(1, FAULT_TIMES_MAX)
        .optional()
        .meta({ description: '几次; 省略: 直到清除 / how often; left away: until it is cleared' }),
    }),
    refusals: {
      ...movedRefusals,
      'fault-uncounted':
        '它一直持续到清除, 不能计次 / it lasts until it is cleared and cannot be counted: leave times away',
      'faults-full': '故障太多, 请先清除 / there are too many faults: clear them first',
    },
  }),
  'clear-simulated-faults': verb({
    ...moving,
    summary: '模拟: 清除所有故障 / Simulate: nothing goes wrong any more',
    command: 'simulator clear-faults',
    examples: [['恢复正常 / back to normal', 'qunhub simulator clear-faults']],
    input: z.object({}),
    refusals,
  }),
} as const
