import { expect, test } from 'vitest'
import { z } from 'zod'
import { complain } from '../src/index.ts'

const complaintOf = (schema: z.ZodType, value: unknown) => complain(schema.safeParse({ field: value }).error!)

test.each([
  ['another kind', z.object({ field: z.string() }), 1, 'field: 应为字符串 (expected string)'],
  [
    'none of the choices',
    z.object({ field: z.enum(['on', 'off']) }),
    'x',
    'field: 不符合要求 (expected one of on, off)',
  ],
  ['not the one value', z.object({ field: z.literal('on') }), 'x', 'field: 不符合要求 (expected on)'],
  ['a name too many', z.strictObject({}), 1, '请求体: 不符合要求 (not known here: field)'],
  [
    'what our own schema forbids',
    z.object({ field: z.string().refine(() => false, { error: 'a port' }) }),
    'x',
    'field: 不符合要求 (expected a port)',
  ],
])('G-5 a complaint about %s says once what is expected', (_what, schema, value, words) => {
  expect(complaintOf(schema, value)).toBe(words)
})
