import { z } from 'zod'
import { Role } from './role.ts'
import { instant } from './verb.ts'

export const PersonId = z
  .string()
  .regex(/^[0-9a-f]{24}$/)
  .brand<'PersonId'>()
export type PersonId = z.infer<typeof PersonId>

/** Somebody who may sign in at the console. Never the password, of which only a hash is kept. */
export const PersonRecord = z
  .object({
    id: PersonId,
    name: z.string(),
    role: Role,
    createdAt: instant(),
    hasPassword: z.boolean().meta({
      description: '已设口令; 否则还没用过设置码 / false: the setup code has not been used yet',
    }),
    signedInAt: instant().nullable().meta({ description: '上次登录 / last signed in' }),
    sessions: z.int().nonnegative().meta({ description: '此刻的登录数 / sessions at this moment' }),
  })
  .meta({ id: 'PersonRecord' })

export type PersonRecord = z.infer<typeof PersonRecord>
