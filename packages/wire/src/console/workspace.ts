import { z } from 'zod'
import { WorkspaceId } from '../model/ids.ts'
import { typedAs } from './door/field-form.ts'
import { instant, name, verb, workspaceChoice, workspaceRefusals } from './door/verb.ts'

const onOff = () => z.boolean().register(typedAs, { value: 'on|off' })

/** What a workspace may switch on and off; everything is off until it does, but the page's own callbacks. */
const switches = {
  showWecomChatId: onOff().meta({ description: '列表返回 wecomChatId / rows carry wecomChatId (RW-4)' }),
  paceAdditions: onOff().meta({
    description: '拉人超过每分钟 50 次时排队 / additions beyond 50 a minute wait their turn (AM-23)',
  }),
  verifyAdditions: onOff().meta({
    description:
      '拉人后确认成员已在群内才答 0 / a pull is answered 0 only when the member was seen in the room (AM-25)',
  }),
  chatroomJoined: onOff().meta({
    description:
      '回调 chatroom/joined: 机器人入群, 默认开 / callbacks chatroom/joined: the bot entered; on by default (CB-13)',
  }),
  chatroomLoaded: onOff().meta({
    description:
      '回调 chatroom/loaded: 读取了群, 默认开 / callbacks chatroom/loaded: a room was read; on by default (CB-13)',
  }),
  joinedOnAnyMember: onOff().meta({
    description: '任何成员入群都回调 chatroom/joined / chatroom/joined whoever joins (CB-3)',
  }),
  roomJoined: onOff().meta({
    description: '回调 room/joined: 成员入群 / callbacks room/joined: members joined (NB-6)',
  }),
  roomLeft: onOff().meta({
    description: '回调 room/left: 成员退群 / callbacks room/left: members left (NB-6)',
  }),
  roomTopic: onOff().meta({
    description: '回调 room/topic: 群名变更 / callbacks room/topic: a room was renamed (NB-6)',
  }),
}

export const WorkspaceRecord = z
  .object({ id: WorkspaceId, name: z.string(), createdAt: instant(), ...switches })
  .meta({ id: 'WorkspaceRecord' })

export type WorkspaceRecord = z.infer<typeof WorkspaceRecord>

export const workspaceVerbs = {
  'add-workspace': verb({
    summary: '新建工作区 / Add a workspace',
    role: 'owner',
    byToken: false,
    command: 'workspace add <name>',
    examples: [
      [
        '新建工作区; 第一次会新建数据 / a new workspace; the first one makes the store',
        'qunhub workspace add 客户成功部',
      ],
    ],
    input: z.object({ name: name().meta({ description: '名称 / its name' }) }),
    output: WorkspaceRecord,
    refusals: {},
  }),
  'list-workspaces': verb({
    summary: '列出工作区 / List the workspaces',
    role: 'viewer',
    byToken: false,
    command: 'workspace list',
    examples: [['有哪些工作区、开关如何 / which there are, and their switches', 'qunhub workspace list']],
    input: z.object({}),
    output: z.object({ workspaces: z.array(WorkspaceRecord) }),
    refusals: {},
  }),
  'set-workspace': verb({
    summary: '设置工作区开关 / Set the switches of a workspace',
    role: 'owner',
    byToken: false,
    command: 'workspace set',
    examples: [
      [
        '成员退群也回调, 不再回调 chatroom/loaded / tell of members that left, and of no chatroom/loaded',
        'qunhub workspace set --room-left on --chatroom-loaded off',
      ],
      [
        '给指定的工作区打开拉人限速 / let additions of one workspace wait their turn',
        'qunhub workspace set --workspace 客户成功部 --pace-additions on',
      ],
    ],
    input: z.object({ ...workspaceChoice, ...z.object(switches).partial().shape }),
    output: WorkspaceRecord,
    refusals: {
      ...workspaceRefusals,
      'nothing-to-set':
        '没有要设置的开关, 见 qunhub workspace set --help / no switch was given; see: qunhub workspace set --help',
    },
  }),
} as const
