import { z } from 'zod'
import { WorkspaceId } from '../model/ids.ts'
import { instant, name, verb, workspaceChoice, workspaceRefusals } from './verb.ts'

/** What a workspace may switch on and off; everything is off until it does, but the page's own callbacks. */
const switches = {
  showWecomChatId: z.boolean().meta({ description: '列表返回 wecomChatId / rows carry wecomChatId (RW-4)' }),
  paceAdditions: z.boolean().meta({ description: '拉人限速 / additions wait their turn (AM-23)' }),
  verifyAdditions: z.boolean().meta({
    description: '拉人确认入群后才答 0 / a pull is answered 0 only when the member was seen (AM-25)',
  }),
  chatroomJoined: z
    .boolean()
    .meta({ description: '回调 chatroom/joined, 默认开 / callbacks chatroom/joined, on by default (CB-13)' }),
  chatroomLoaded: z
    .boolean()
    .meta({ description: '回调 chatroom/loaded, 默认开 / callbacks chatroom/loaded, on by default (CB-13)' }),
  joinedOnAnyMember: z
    .boolean()
    .meta({ description: '任何成员入群都回调 chatroom/joined / chatroom/joined whoever joins (CB-3)' }),
  roomJoined: z.boolean().meta({ description: '回调 room/joined / callbacks room/joined (NB-6)' }),
  roomLeft: z.boolean().meta({ description: '回调 room/left / callbacks room/left (NB-6)' }),
  roomTopic: z.boolean().meta({ description: '回调 room/topic / callbacks room/topic (NB-6)' }),
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
    input: z.object({ name: name().meta({ description: '名称 / its name' }) }),
    output: WorkspaceRecord,
    refusals: {},
  }),
  'list-workspaces': verb({
    summary: '列出工作区 / List the workspaces',
    role: 'viewer',
    byToken: false,
    input: z.object({}),
    output: z.object({ workspaces: z.array(WorkspaceRecord) }),
    refusals: {},
  }),
  'set-workspace': verb({
    summary: '设置工作区开关 / Set the switches of a workspace',
    role: 'owner',
    byToken: false,
    input: z.object({ ...workspaceChoice, ...z.object(switches).partial().shape }),
    output: WorkspaceRecord,
    refusals: {
      ...workspaceRefusals,
      'nothing-to-set':
        '没有要设置的开关, 见 qunhub workspace set --help / no switch was given; see: qunhub workspace set --help',
    },
  }),
} as const
