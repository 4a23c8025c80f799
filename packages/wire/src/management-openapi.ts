import { z } from 'zod'
import { botQrcode } from './console/bots/bot-qrcode.ts'
import { type ManagementVerbName, managementInput, managementVerbs } from './console/door/management.ts'
import { managementExamples, qrcodeExample } from './console/door/management-examples.ts'
import type { OperatorVerb } from './console/door/verb.ts'
import { CONTACT, describeDocument, failing, json, LICENSE, queryParameters } from './openapi.ts'

/** The management API as OpenAPI 3.1, derived from the verbs. `baseUrl` becomes the only server. */
export const managementOpenApi = (baseUrl: string, version: string): object =>
  describeDocument(
    {
      openapi: '3.1.0',
      info: {
        title: '群枢 Qunhub: 管理接口 / management API',
        version,
        contact: CONTACT,
        license: LICENSE,
        description:
          '查看、重放回调，管理回调地址；查看机器人，取登录二维码。凭 `qunhub token issue --realm manage` 签发的 token，放在 Authorization: Bearer；群聊接口的 token 在这里无效，反之亦然。' +
          ' / Look up and replay callbacks, and look after their address; look at bots, and show the QR code of one that wants to log in. A token of `qunhub token issue --realm manage` opens it; a token of the group-chat API does not, nor the other way round.',
      },
      servers: [{ url: baseUrl }],
      tags: TAGS.map(({ name, description }) => ({ name, description })),
      security: [{ manage: [] }],
      paths: {
        ...Object.fromEntries(
          (Object.keys(managementVerbs) as ManagementVerbName[]).map(name => [
            `/manage/${name}`,
            { post: operation(name, managementVerbs[name]) },
          ]),
        ),
        [botQrcode.path]: { get: qrcodeOperation() },
      },
    },
    { securitySchemes: { manage: { type: 'http', scheme: 'bearer' } } },
  )

/** By the first word of a verb's command. */
const TAGS = [
  { noun: 'bot', name: '机器人 / bots', description: '状态与登录 / their state, and logging in' },
  {
    noun: 'callback',
    name: '回调 / callbacks',
    description: '地址、查看、重放 / address, looking up, replays',
  },
] as const

const tagOf = ({ command }: Pick<OperatorVerb, 'command'>): string =>
  TAGS.find(({ noun }) => command.startsWith(`${noun} `))!.name

const operation = (name: ManagementVerbName, verb: OperatorVerb): object => ({
  operationId: name,
  tags: [tagOf(verb)],
  summary: verb.summary,
  description: refusalTable(verb.refusals),
  requestBody: { required: false, content: json(managementInput(name), managementExamples[name]) },
  responses: {
    200: {
      description: '已完成, 或带名字的拒绝 / done, or a refusal with its name',
      content: json(
        z.union([
          z.object({ ok: z.literal(true), value: verb.output }),
          refusedFor(Object.keys(verb.refusals)),
        ]),
      ),
    },
    ...notEvenTried(),
  },
})

/** Answers with a picture; a picture that there is not is no success, so a refusal has a status of its own. */
const qrcodeOperation = (): object => ({
  operationId: 'bot-qrcode',
  tags: [TAGS[0].name],
  summary: botQrcode.summary,
  description: refusalTable({ ...botQrcode.refusals, ...managementVerbs['login-bot'].refusals }),
  parameters: queryParameters({ request: botQrcode.query }, qrcodeExample),
  responses: {
    200: {
      description: '二维码 / the QR code',
      content: { 'image/png': { schema: { type: 'string', format: 'binary' } } },
    },
    409: {
      description: '没有二维码, 带名字的拒绝 / there is none: a refusal with its name',
      content: json(
        refusedFor([
          ...Object.keys(botQrcode.refusals),
          ...Object.keys(managementVerbs['login-bot'].refusals),
        ]),
      ),
    },
    ...notEvenTried(),
  },
})

/** Each refusal, and what it means. */
export const refusalTable = (refusals: OperatorVerb['refusals']): string =>
  Object.keys(refusals).length === 0
    ? '不会被拒绝 / nothing refuses it'
    : ['| 拒绝 / refused | 说明 / meaning |', '| --- | --- |']
        .concat(Object.entries(refusals).map(([name, words]) => `| ${name} | ${words} |`))
        .join('\n')

const notEvenTried = (): object => ({
  400: { description: '请求不符合要求 / malformed request', content: json(refusedFor(['malformed'])) },
  401: {
    description: 'token 无效 / no valid token of this realm',
    content: json(refusedFor(['token-invalid'])),
  },
  ...failing(json(refusedFor(FAILING))),
})

/** By these names 500 and 503 are told below /manage and /console/api (MG-3). */
export const FAILING = ['gateway-failed', 'stopping'] as const

/** A refusal by one of these names. */
export const refusedFor = (names: readonly string[]) =>
  z.object({ ok: z.literal(false), refused: z.enum(names as [string, ...string[]]), message: z.string() })
