import { z } from 'zod'

/** One step of looking at an address: what was tried, and what was seen. */
export const StepRecord = z
  .object({
    step: z.string().meta({ description: '步骤: name, connection, certificate … / which one' }),
    verdict: z.enum(['passed', 'warned', 'failed', 'unseen']).meta({
      description: 'unseen: 看不到, 不算错 / cannot be seen, and blames nobody',
    }),
    ms: z.int().nonnegative(),
    said: z.string().meta({
      description: '所见与怎么办, 中文在前 / what was seen and what to do, Chinese first',
    }),
  })
  .meta({ id: 'StepRecord' })

export type StepRecord = z.infer<typeof StepRecord>
