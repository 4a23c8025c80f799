import { z } from 'zod'
import type { OperatorVerb } from './console/door/verb.ts'
import { commandGroups, operatorVerbs } from './console/door/verbs.ts'
import { CONSOLE_API_PATH } from './console/people/console-path.ts'
import { consoleEndpoints, consoleRefusals, consoleVerbPath } from './console/people/session.ts'
import { FAILING, refusalTable, refusedFor } from './management-openapi.ts'
import { CONTACT, describeDocument, failing, json, LICENSE } from './openapi.ts'

/** All that the console asks as OpenAPI 3.1, derived from what declares it: signing in and out, and every verb. */
export const consoleOpenApi = (baseUrl: string, version: string): object =>
  describeDocument(
    {
      openapi: '3.1.0',
      info: {
        title: '群枢 Qunhub: 控制台接口 / the console’s own API',
        version,
        contact: CONTACT,
        license: LICENSE,
        description:
          '控制台所做的一切：登录与登录之后的每个操作。登录后凭 cookie；会改动的请求须带本站的 Origin，请求体须为 application/json。程序请用管理接口（/manage/openapi.json）与它的 token，cookie 在那里无效，反之亦然。' +
          ' / All that the console does: signing in, and every verb of whoever is signed in. A cookie says who it is; what may change something wants an Origin of our own, and a body of application/json. Programs take the management API (/manage/openapi.json) and its token: a cookie opens nothing there, nor the other way round.',
      },
      servers: [{ url: baseUrl }],
      tags: [
        SESSIONS,
        ...Object.entries(commandGroups).map(([noun, words]) => ({ name: noun, description: words })),
      ],
      security: [{ session: [] }],
      paths: { ...sessionPaths(), ...verbPaths() },
    },
    { securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE } } },
  )

/** What a browser keeps of whoever is signed in. */
export const SESSION_COOKIE = 'qunhub_session'

const SESSIONS = { name: 'session', description: '登录与退出 / signing in and out' }

type ConsoleEndpoint = (typeof consoleEndpoints)[keyof typeof consoleEndpoints]

/** Each path with its methods. */
function sessionPaths(): object {
  const byPath = Map.groupBy(Object.entries(consoleEndpoints), ([, { path }]) => path)
  return Object.fromEntries(
    [...byPath].map(([path, those]) => [
      CONSOLE_API_PATH + path,
      Object.fromEntries(those.map(([name, it]) => [it.method.toLowerCase(), sessionOperation(name, it)])),
    ]),
  )
}

/** Asked by who is not signed in yet. */
const OPEN: readonly string[] = ['session', 'setUp', 'signIn']

const sessionOperation = (name: string, { method, summary, input, output, refusals }: ConsoleEndpoint) => ({
  operationId: name,
  tags: [SESSIONS.name],
  summary,
  description: refusalTable(refusals),
  ...(OPEN.includes(name) ? { security: [] } : {}),
  ...(method === 'POST' ? { requestBody: { required: true, content: json(input) } } : {}),
  responses: {
    200: answers(output, refusals),
    ...notEvenTried(refusals),
  },
})

const verbPaths = (): object =>
  Object.fromEntries(
    Object.entries(operatorVerbs).map(([name, verb]: [string, OperatorVerb]) => [
      CONSOLE_API_PATH + consoleVerbPath(name),
      { post: verbOperation(name, verb) },
    ]),
  )

const verbOperation = (name: string, { summary, command, role, input, output, refusals }: OperatorVerb) => ({
  operationId: name,
  tags: [command.split(' ')[0]!],
  summary,
  description: `角色 / role: ${role}\n\nqunhub ${command}\n\n${refusalTable(refusals)}`,
  requestBody: { required: true, content: json(input) },
  responses: { 200: answers(output, refusals), ...notEvenTried() },
})

const answers = (output: z.ZodType, refusals: OperatorVerb['refusals']) => {
  const done = z.object({ ok: z.literal(true), value: output })
  const names = Object.keys(refusals)
  return {
    description: '已完成, 或带名字的拒绝 / done, or a refusal with its name',
    content: json(names.length > 0 ? z.union([done, refusedFor(names)]) : done),
  }
}

const refusing = (names: readonly string[], description: string) => ({
  description,
  content: json(refusedFor(names)),
})

const named = (...names: readonly (keyof typeof consoleRefusals)[]) =>
  refusing(names, names.map(name => consoleRefusals[name]).join('; '))

/** Of a session's operations some refusals have a status of their own. */
const notEvenTried = (refusals: ConsoleEndpoint['refusals'] = {}): object => ({
  400: refusing(['malformed'], '请求不符合要求 / malformed request'),
  401: named('not-signed-in'),
  403: named('origin-foreign', 'role-too-low'),
  415: named('not-json'),
  ...failing(
    json(refusedFor([...FAILING, ...('busy' in refusals ? ['busy'] : [])])),
    'too-soon' in refusals ? json(refusedFor(['too-soon'])) : undefined,
  ),
})
