import { z } from 'zod'
import { BotId, UserId, WorkspaceId } from './model/ids.ts'

/** Why an operator should look after a bot. */
export const AlertCause = z.enum([
  'deaf',
  'occupied',
  'logged-out',
  'wrong-account',
  'verification',
  'offline',
])
export type AlertCause = z.infer<typeof AlertCause>

/** One thing worth waking somebody for, or its end. Times are milliseconds since 1970. */
export const Alert = z.object({
  kind: z.enum(['raised', 'recovered']),
  cause: AlertCause,
  workspaceId: WorkspaceId,
  botId: BotId,
  /** What the bot goes by, null where it never logged in and nobody expected a name. */
  userId: UserId.nullable(),
  /** When the trouble began. */
  since: z.int().nonnegative(),
  at: z.int().nonnegative(),
})
export type Alert = z.infer<typeof Alert>

/** What an alert address of the kind `json` is posted. */
export const AlertMessage = z.object({ text: z.string(), alerts: z.array(Alert) })
export type AlertMessage = z.infer<typeof AlertMessage>
