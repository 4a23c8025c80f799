import { z } from 'zod'
import { WorkspaceId } from '../model/ids.ts'
import { instant, name, verb, workspaceChoice, workspaceRefusals } from './verb.ts'

export const WorkspaceRecord = z
  .object({
    id: WorkspaceId,
    name: z.string(),
    createdAt: instant(),
    showWecomChatId: z
      .boolean()
      .meta({ description: '列表返回 wecomChatId / rows carry wecomChatId (RW-4)' }),
    paceAdditions: z.boolean().meta({ description: '拉人限速 / additions wait their turn (AM-23)' }),
  })
  .meta({ id: 'WorkspaceRecord' })

export type WorkspaceRecord = z.infer<typeof WorkspaceRecord>

export const workspaceVerbs = {
  'add-workspace': verb({
    summary: '新建工作区 / Add a workspace',
    input: z.object({ name: name() }),
    output: WorkspaceRecord,
    refusals: {},
  }),
  'list-workspaces': verb({
    summary: '列出工作区 / List the workspaces',
    input: z.object({}),
    output: z.object({ workspaces: z.array(WorkspaceRecord) }),
    refusals: {},
  }),
  'set-workspace': verb({
    summary: '设置工作区开关 / Set the switches of a workspace',
    input: z.object({
      ...workspaceChoice,
      showWecomChatId: z.boolean().optional(),
      paceAdditions: z.boolean().optional(),
    }),
    output: WorkspaceRecord,
    refusals: {
      ...workspaceRefusals,
      'nothing-to-set':
        '没有要设置的开关, 见 qunhub workspace set --help / no switch was given; see: qunhub workspace set --help',
    },
  }),
} as const
