import { z } from 'zod'
import { TagId } from '../../model/ids.ts'

export const TagRecord = z
  .object({ id: TagId, name: z.string(), roomCount: z.int().nonnegative() })
  .meta({ id: 'TagRecord' })
export type TagRecord = z.infer<typeof TagRecord>
