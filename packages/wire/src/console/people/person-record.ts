import { z } from 'zod'
import { text } from '../../model/text.ts'
import { instant } from '../door/verb.ts'
import { Role } from './role.ts'

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

const NAME_LENGTH_MAX = 100

export const personName = () =>
  text(NAME_LENGTH_MAX).trim().min(1).meta({
    description: '姓名, 登录时用, 不分大小写 / name, by which one signs in, in any case of letters',
  })
