import { z } from 'zod'

/** Who takes alerts: a group robot, or a program of the operator's own. */
export const AlertRobotKind = z.enum(['wecom', 'feishu', 'dingtalk', 'json'])
export type AlertRobotKind = z.infer<typeof AlertRobotKind>
