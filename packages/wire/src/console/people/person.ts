import { z } from 'zod'
import { anyId, instant, verb } from '../door/verb.ts'
import { PersonRecord, personName } from './person-record.ts'
import { Role } from './role.ts'

const whom = () => anyId().meta({ description: '姓名或 id / name or id of the person' })

const unknown = {
  'person-unknown': '没有这个人, 用 qunhub person list 查看 / no such person; see: qunhub person list',
}
const lastOwner = {
  'last-owner': '至少要有一个能登录的所有者 / at least one owner has to remain who is able to sign in',
}
const full = {
  'people-full':
    '人数已达上限 200, 请先移除不再需要的人 / there are 200 people, as many as there can be: remove some first',
}

/** One time, within a day: it sets a password. */
const code = {
  code: z.string().meta({ description: '一次性设置码, 只显示一次 / one-time setup code, shown once' }),
  codeExpiresAt: instant(),
}

/** Who may sign in at the console. People belong to no workspace: roles are the same in all. */
export const personVerbs = {
  'list-people': verb({
    summary: '列出能登录控制台的人 / List who may sign in at the console',
    role: 'owner',
    byToken: false,
    command: 'person list',
    examples: [['有哪些人、什么角色 / who there is, and in which role', 'qunhub person list']],
    input: z.object({}),
    output: z.object({
      people: z.array(PersonRecord).meta({ description: '最早加入的在前 / oldest first' }),
    }),
    refusals: {},
  }),
  'add-person': verb({
    summary: '添加一个人, 得到他的一次性设置码 / Add a person, and get a one-time setup code for them',
    role: 'owner',
    byToken: false,
    command: 'person add <name>',
    examples: [
      [
        '添加运维人员; 把设置码交给他 / add an operator, and hand the code on',
        'qunhub person add 小林 --role operator',
      ],
    ],
    input: z.object({
      name: personName(),
      role: Role.default('viewer').meta({
        description:
          'viewer 只看, operator 可操作, owner 还管 token、密钥与设置 / viewer reads, operator acts, owner sees to tokens, secrets and settings as well',
      }),
    }),
    output: z.object({ person: PersonRecord, ...code }),
    refusals: {
      'person-exists': '已有同名的人 / somebody has this name already',
      ...full,
    },
  }),
  'set-role': verb({
    summary: '设置一个人的角色 / Set the role of a person',
    role: 'owner',
    byToken: false,
    command: 'person set-role <person> <role>',
    examples: [['改为只看 / may only look from now on', 'qunhub person set-role 小林 viewer']],
    input: z.object({ person: whom(), role: Role.meta({ description: '角色 / role' }) }),
    output: PersonRecord,
    refusals: { ...unknown, ...lastOwner },
  }),
  'remove-person': verb({
    summary: '移除一个人, 立即退出其所有登录 / Remove a person, whose sessions end at once',
    role: 'owner',
    byToken: false,
    command: 'person remove <person>',
    examples: [['离职的人 / somebody who has left', 'qunhub person remove 小林 --yes']],
    input: z.object({ person: whom() }),
    output: z.object({ id: z.string() }),
    refusals: { ...unknown, ...lastOwner },
  }),
  'issue-setup-code': verb({
    summary:
      '得到一次性设置码: 给某个人重设口令, 或不写人名, 新设一个所有者 / Get a one-time setup code: to reset a person’s password, or without a name to make an owner',
    role: 'owner',
    byToken: false,
    command: 'console code [person]',
    examples: [
      ['进不去控制台时, 新设一个所有者 / nobody gets in any more: make an owner', 'qunhub console code'],
      ['小林忘了口令 / somebody forgot the password', 'qunhub console code 小林'],
    ],
    input: z.object({ person: whom().optional() }),
    output: z.object(code),
    refusals: unknown,
  }),
} as const
