import { z } from 'zod'

/** What the operator door answers, whatever was asked. `value` is as the verb's output says. */
export const OperatorReply = z.union([
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), refused: z.string(), message: z.string() }),
])

export type OperatorReply = z.infer<typeof OperatorReply>
