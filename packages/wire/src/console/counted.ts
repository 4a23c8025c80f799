import { z } from 'zod'

/** What lists count no further than a bound, so that a count costs the same however much is kept. */
export const Counted = z
  .object({
    count: z.int().nonnegative(),
    atLeast: z.boolean().meta({ description: '为 true 时至少这么多 / true: so many, or more' }),
  })
  .meta({ id: 'Counted' })

export type Counted = z.infer<typeof Counted>
