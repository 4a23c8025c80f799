import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { asTyped, complain, create, endpoints, operatorVerbs } from '../src/index.ts'

const complaintOf = (schema: z.ZodType, value: unknown, tell?: typeof asTyped) => {
  const input = { field: value }
  return complain(schema.safeParse(input).error!, input, tell)
}

test.each([
  [
    'another kind',
    z.object({ field: z.string() }),
    1,
    'field: 应为字符串, 给出的是整数 (expected a string; given: a whole number)',
  ],
  [
    'none of the choices',
    z.object({ field: z.enum(['on', 'off']) }),
    'x',
    'field: 应为 on、off 之一, 给出的是 1 个字符的文本 (expected one of on, off; given: text of 1 character)',
  ],
  [
    'not the one value',
    z.object({ field: z.literal('on') }),
    true,
    'field: 应为 on, 给出的是布尔值 (expected on; given: a boolean)',
  ],
  [
    'a name too many',
    z.strictObject({}),
    1,
    '请求体: 没有字段 field, 给出的是对象 (there is no field field; given: an object)',
  ],
  [
    'what our own schema forbids',
    z.object({ field: z.string().refine(() => false, { error: '端口 / a port' }) }),
    'x',
    'field: 应为端口, 给出的是 1 个字符的文本 (expected a port; given: text of 1 character)',
  ],
  [
    'an empty text',
    z.object({ field: z.string().min(1) }),
    '',
    'field: 不能为空, 给出的是空文本 (expected not to be empty; given: empty text)',
  ],
  [
    'a list that is too long',
    z.object({ field: z.array(z.string()).max(1) }),
    ['a', 'b'],
    'field: 最多 1 项, 给出的是 2 项的数组 (expected at most 1 item; given: a list of 2 items)',
  ],
  [
    'a choice of schemas',
    z.object({ field: z.union([z.string(), z.boolean(), z.string()]) }),
    2,
    'field: 应为字符串, 或应为 true 或 false, 给出的是整数 (expected a string, or expected true or false; given: a whole number)',
  ],
])(
  'G-5 a complaint about %s says once what is expected, and the kind of what was given',
  (_what, schema, value, words) => {
    expect(complaintOf(schema, value)).toBe(words)
  },
)

test('CLI-90 to whoever typed it a value is told as it was typed, short and without what moves a cursor', () => {
  const schema = z.object({ field: z.literal('on') })
  expect(complaintOf(schema, 'ofF', asTyped)).toBe(
    'field: 应为 on, 给出的是 "ofF" (expected on; given: "ofF")',
  )
  expect(complaintOf(schema, 'a\u001b[2J\u202Eb', asTyped)).toContain('"a\uFFFD[2J\uFFFDb"')
  expect(complaintOf(schema, '长'.repeat(300), asTyped)).toContain(`"${'长'.repeat(80)}…"`)
  expect(complaintOf(schema, 7, asTyped)).toContain('给出的是 7 (')
})

describe('every field that anybody can send', () => {
  const schemas: [string, z.ZodObject][] = [
    ...endpoints.map(({ path, request }): [string, z.ZodObject] => [path, request]),
    ...Object.entries(operatorVerbs).map(([name, { input }]): [string, z.ZodObject] => [name, input]),
  ]
  const CANARY = 'canary'
  const scalars = [
    undefined,
    null,
    '',
    ' ',
    CANARY,
    `\0${CANARY}`,
    `${CANARY}\ud800`,
    CANARY.repeat(1000),
    0,
    -1,
    1.5,
    12,
    1e9,
    2 ** 60,
    Number.NaN,
    true,
    {},
    { [CANARY]: CANARY },
  ]
  const wrong: unknown[] = [
    ...scalars,
    [],
    ...scalars.map(value => [value]),
    ['1', '2', null],
    Array.from({ length: 2000 }, () => CANARY),
    ...['wxid', 'externalUserId', 'unionId'].flatMap(name => scalars.map(value => [{ [name]: value }])),
  ]
  const OURS =
    /^[A-Za-z]+(\.\d+(\.[A-Za-z]+)?)?: (应为|不能为空|最多|至少|不得|没有字段).*, (没有给出|给出的是.+) \((expected|there is no field) .+; (nothing was given|given: .+)\)$/

  test.each(schemas)(
    'G-20 what is wrong is said in our words, and never what was sent: %s',
    (_name, schema) => {
      for (const [field, part] of Object.entries(schema.shape as Record<string, z.ZodType>)) {
        for (const value of wrong) {
          const input = { [field]: value }
          const { error } = z.object({ [field]: part }).safeParse(input)
          if (!error) continue
          const words = complain(error, input)
          expect(words, `${field} ${JSON.stringify(value)}`).toMatch(OURS)
          expect(words).not.toMatch(
            /canary|invalid|too (big|small)|undefined|\bNaN\b|不是此处可用的值|nothing that/i,
          )
        }
      }
    },
  )

  test.each([
    [null, '应为字符串, 给出的是 null'],
    ['', '不能为空, 给出的是空文本'],
    [12, '应为字符串, 给出的是整数'],
    [{}, '应为字符串, 给出的是对象'],
  ])('G-20 an entry of a list of ids that is %j is named with its position', (value, says) => {
    for (const field of ['wxids', 'unionIds', 'userIds']) {
      const input = { token: 't', botUserId: 'b', [field]: ['1', '2', value] }
      expect(complain(create.request.safeParse(input).error!, input)).toContain(`${field}.2: ${says} (`)
    }
  })
})
