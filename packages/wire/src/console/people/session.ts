/**
 * What the console asks below `/console/api/`, beside the verbs: who is signed in, and signing in and out. Every answer is that
 * of a verb, `{"ok":true,"value":…}` or `{"ok":false,"refused":…,"message":…}`; the session itself is a cookie that no script
 * can read. Whatever changes something wants an `Origin` of our own, and a body of `application/json`.
 */
import { z } from 'zod'
import { text } from '../../model/text.ts'
import { anyId, instant } from '../door/verb.ts'
import { WorkspaceRecord } from '../workspace.ts'
import { PersonId, personName } from './person-record.ts'
import { Role } from './role.ts'

const PASSWORD_LENGTH_MIN = 12
const PASSWORD_LENGTH_MAX = 256
const PASSWORD_LENGTH = `${PASSWORD_LENGTH_MIN} 到 ${PASSWORD_LENGTH_MAX} 个字符 / ${PASSWORD_LENGTH_MIN} to ${PASSWORD_LENGTH_MAX} characters`

/** One that somebody chooses. */
const newPassword = () =>
  text(PASSWORD_LENGTH_MAX)
    .min(PASSWORD_LENGTH_MIN, { error: PASSWORD_LENGTH })
    .meta({ description: '口令, 至少 12 个字符 / password, 12 characters at the least' })
/** One that is only compared: how long it has to be says nothing about it. */
const givenPassword = () => text(PASSWORD_LENGTH_MAX).min(1).meta({ description: '口令 / password' })

/** Who is signed in. */
export const SignedIn = z.object({
  id: PersonId,
  name: z.string(),
  role: Role,
  /** Then one has to sign in again. */
  expiresAt: instant(),
})
export type SignedIn = z.infer<typeof SignedIn>

/** What the console begins with. Whoever is not signed in is told of no workspace. */
export const ConsoleSession = z.object({
  /** Null: sign in, or where `setupOpen` set up. */
  signedIn: SignedIn.nullable(),
  /** All of them, oldest first: roles do not differ by workspace. */
  workspaces: z.array(WorkspaceRecord),
  version: z.string(),
  /** The bots are played by the simulator: a banner says so on every page. */
  simulated: z.boolean(),
  /** There is no owner yet: a setup code makes the first one. */
  setupOpen: z.boolean(),
})
export type ConsoleSession = z.infer<typeof ConsoleSession>

interface ConsoleEndpoint {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Behind `CONSOLE_API_PATH`. */
  readonly path: `/${string}`
  readonly summary: string
  readonly input: z.ZodObject
  readonly output: z.ZodType
  /** Beside {@link consoleRefusals}, which any of them may answer. */
  readonly refusals: Readonly<Record<string, string>>
}

const endpoint = <const E extends ConsoleEndpoint>(declaration: E): E => declaration

const TOO_SOON =
  '尝试次数过多, 请稍后再试, 见 Retry-After / too many attempts: wait as long as Retry-After says, then try again'
const BUSY = '此刻登录的人太多, 请稍后再试 / too many sign in at this moment; try again soon'

export const consoleEndpoints = {
  /** Never refused for want of a session. */
  session: endpoint({
    method: 'GET',
    path: '/session',
    summary: '当前是谁、有哪些工作区 / Who is signed in, and which workspaces there are',
    input: z.object({}),
    output: ConsoleSession,
    refusals: {},
  }),
  /** With a code of an owner-to-be or of a person; it signs in at once, and the code is used up. */
  setUp: endpoint({
    method: 'POST',
    path: '/setup',
    summary: '用一次性设置码设定口令并登录 / Set a password with a one-time setup code, and sign in',
    input: z.object({
      code: anyId().meta({ description: '一次性设置码 / one-time setup code' }),
      name: personName(),
      password: newPassword(),
    }),
    output: ConsoleSession,
    refusals: {
      'code-wrong':
        '设置码不对、已用过或已过期, 用 qunhub console code 再取一个 / the setup code is wrong, used or too old; get another with: qunhub console code',
      'code-of-another':
        '这个设置码是给另一个人的, 请填写他的姓名 / this setup code is for somebody else: give the name that it was made for',
      'people-full': '人数已达上限 / there are as many people as there can be',
      'too-soon': TOO_SOON,
      busy: BUSY,
    },
  }),
  signIn: endpoint({
    method: 'POST',
    path: '/session',
    summary: '登录 / Sign in',
    input: z.object({ name: personName(), password: givenPassword() }),
    output: ConsoleSession,
    refusals: {
      'credentials-wrong':
        '姓名或口令不对; 忘了口令请让所有者再发一个设置码 / wrong name or password; who forgot the password asks an owner for another setup code',
      'too-soon': TOO_SOON,
      busy: BUSY,
    },
  }),
  signOut: endpoint({
    method: 'DELETE',
    path: '/session',
    summary: '退出登录 / Sign out',
    input: z.object({}),
    output: z.object({}),
    refusals: {},
  }),
  signOutEverywhere: endpoint({
    method: 'DELETE',
    path: '/sessions',
    summary: '在所有设备上退出登录 / Sign out everywhere',
    input: z.object({}),
    output: z.object({ ended: z.int().nonnegative() }),
    refusals: {},
  }),
  /** Of oneself. It ends all other sessions, and this one goes on under a new id. */
  changePassword: endpoint({
    method: 'POST',
    path: '/password',
    summary: '修改自己的口令 / Change one’s own password',
    input: z.object({ current: givenPassword(), password: newPassword() }),
    output: ConsoleSession,
    refusals: {
      'credentials-wrong': '现在的口令不对 / the present password is wrong',
      'too-soon': TOO_SOON,
      busy: BUSY,
    },
  }),
} as const

/** Any request below `/console/api/` may be answered with these, and with what MG-3 says of a server that fails or stops. */
export const consoleRefusals = {
  /** 401. */
  'not-signed-in': '未登录或登录已过期, 请重新登录 / not signed in, or no longer: sign in again',
  /** 403. */
  'origin-foreign':
    'Origin 不是本服务的地址; 若在反向代理之后, 请设置 QUNHUB_PUBLIC_URL 或 QUNHUB_TRUST_PROXY / the Origin is not ours; behind a proxy, set QUNHUB_PUBLIC_URL or QUNHUB_TRUST_PROXY',
  /** 403: to a verb. */
  'role-too-low': '你的角色不能做这个操作 / your role may not do this',
  /** 415. */
  'not-json': '请求体须为 Content-Type: application/json / the body has to be Content-Type: application/json',
} as const

/** `POST /console/api/verbs/<verb>`: the verb's input with its workspace, and the verb's reply. */
export const consoleVerbPath = (verb: string): string => `/verbs/${verb}`
