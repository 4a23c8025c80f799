import { z } from 'zod'
import { testCallback } from './callback/test.ts'
import { callbacks, endpoints } from './contract.ts'
import type { Endpoint, Header } from './model/endpoint.ts'

/** Whole requests by the names of their endpoints, in place of those that the contract shows: ids that there are, in the demo. */
export type ExampleRequests = Readonly<
  Partial<Record<(typeof endpoints)[number]['name'], Endpoint['example']>>
>

export interface OpenApiSettings {
  /** The only server: a URL, or a path where nobody knows by which URL people come. */
  readonly server: string
  readonly version: string
  readonly examples?: ExampleRequests
}

interface Tag {
  readonly name: string
  readonly description: string
}

/** By the first part of an endpoint's path. */
const TAGS: Readonly<Record<string, Tag>> = {
  room: { name: '群 / rooms', description: '建群、拉人、退群、查群 / create, add, leave, look up' },
  bot: { name: '托管账号 / hosted accounts', description: '谁在托管, 是否在线 / who is hosted, and online' },
  contact: { name: '联系人 / contacts', description: '联系人的各种 id / contacts and all their ids' },
  tag: { name: '秒回标签 / tags', description: '标签与各有多少群 / tags, and how many rooms carry each' },
}
const CALLBACKS: Tag = { name: '回调 / callbacks', description: '我们告诉你的 / what we tell you' }
export const CONTACT = { name: '群枢 Qunhub' }
export const LICENSE = { name: 'Apache-2.0', identifier: 'Apache-2.0' }

/** The whole contract as OpenAPI 3.1, derived from the schemas; imports into Apifox and Postman. */
export const openApi = (settings: OpenApiSettings): object =>
  describeDocument(document(settings), {
    securitySchemes: {
      bearer: {
        type: 'http',
        scheme: 'bearer',
        description: '也可用请求头带 token, 代替字段 token / the token as a header, in place of the field',
      },
    },
  })

/** Gives schemas with a name their place among the components. */
export function describeDocument(document: object, components: object = {}): object {
  // Schemas that have a name of their own move to `components`, where importers look for them.
  const schemas: Record<string, unknown> = {}
  const described = JSON.stringify(document, (_key, value) => {
    if (!value?.$defs) return value
    const { $defs, ...rest } = value
    Object.assign(schemas, $defs)
    return rest
  })
  return relink({ ...JSON.parse(described), components: { ...components, schemas } })
}

const relink = (document: object): object =>
  JSON.parse(JSON.stringify(document).replaceAll('"#/$defs/', '"#/components/schemas/'))

const document = ({ server, version, examples = {} }: OpenApiSettings): object => ({
  openapi: '3.1.0',
  info: {
    title: '群枢 Qunhub: 群聊接口',
    version,
    description:
      '与秒回开放 API 的群聊页面兼容的自托管网关。/ A self-hosted gateway, wire-compatible with the group-chat page.',
    contact: CONTACT,
    license: LICENSE,
  },
  servers: [{ url: server }],
  tags: [...new Set(endpoints.map(tagOf)), CALLBACKS],
  paths: Object.fromEntries(
    endpoints.map(endpoint => [
      endpoint.path,
      { [endpoint.method.toLowerCase()]: operation(endpoint, examples[endpoint.name] ?? endpoint.example) },
    ]),
  ),
  webhooks: Object.fromEntries(
    [...callbacks, testCallback].map(callback => [
      callback.kind,
      {
        post: {
          operationId: callback.kind.replace('/', '-'),
          tags: [CALLBACKS.name],
          security: [],
          summary: callback.summary,
          description: `POST <回调地址>${callback.path}; 任意 2xx 即成功。签名遵循 Standard Webhooks。 / POST <callback base>${callback.path}; any 2xx is success. Signed as Standard Webhooks say.`,
          parameters: webhookHeaders,
          requestBody: { required: true, content: json(callback.body) },
          responses: { '2XX': { description: '已收到 / received' } },
        },
      },
    ]),
  ),
})

const tagOf = ({ path }: Pick<Endpoint, 'path'>): Tag => TAGS[path.split('/')[1]!]!

/** Of Standard Webhooks (CB-6). */
const webhookHeaders = [
  ['webhook-id', '同一回调重发时不变, 用来去重 / the same for every try: duplicates are known by it'],
  ['webhook-timestamp', '发出的时间, Unix 秒 / when this try was sent, in seconds'],
  ['webhook-signature', 'v1, 与签名, 可有多个 / v1 and a signature, maybe several'],
].map(([name, description]) => ({
  name,
  in: 'header',
  required: true,
  description,
  schema: { type: 'string' },
}))

const operation = (endpoint: Endpoint, example: Endpoint['example']): object => ({
  operationId: endpoint.name,
  tags: [tagOf(endpoint).name],
  // The field is a token already; whoever sends the header may leave it away.
  security: [{}, { bearer: [] }],
  summary: endpoint.summary,
  description: refusalTable(endpoint),
  ...(endpoint.method === 'GET'
    ? { parameters: queryParameters(endpoint, example) }
    : {
        requestBody: { required: true, content: json(endpoint.request, example) },
        ...headerParameters(endpoint),
      }),
  responses: {
    200: {
      description: '成功或带 code 的拒绝 / success, or a refusal with its code',
      content: json(withMessage(endpoint)),
      ...answerHeaders(endpoint),
    },
    ...(endpoint.isConditional && { 304: UNCHANGED }),
    400: { description: '请求不符合要求 / malformed request', content: json(withMessage(endpoint)) },
    ...failing(json(withMessage(endpoint))),
  },
})

/** Only a list that is refused has a message: its reply is what whoever reads rows gets. */
const withMessage = ({ envelope, reply }: Endpoint): z.ZodType =>
  envelope === 'list' && reply instanceof z.ZodObject
    ? reply.extend({
        message: z.string().optional().meta({ description: '被拒绝的原因 / why it is refused' }),
      })
    : reply

/** What any path answers, whatever is asked of it: too much, at the wrong moment, or of a gateway that fails (G-5, G-6). */
export const failing = (content: object, tooSoon?: object): object => ({
  429: {
    description: tooSoon
      ? '超过每 30 秒 500 次, 或登录尝试过多 / more than 500 requests in 30 s, or too many attempts to sign in'
      : '超过每 30 秒 500 次 / more than 500 requests in 30 s',
    headers: RETRY_AFTER,
    content: { 'text/plain': { schema: { type: 'string' } }, ...tooSoon },
  },
  500: {
    description: '网关出错, 可能做了也可能没做 / the gateway failed: it may have been done or not',
    content,
  },
  503: {
    description:
      '正在停止或太忙; 没有 Retry-After 时可能已经做了 / stopping, or too busy; without Retry-After it may have been done',
    headers: RETRY_AFTER,
    content,
  },
})

const RETRY_AFTER = {
  'Retry-After': { description: '等待的秒数 / seconds to wait', schema: { type: 'integer' } },
}

const refusalTable = (endpoint: Endpoint): string =>
  [
    '| 错误码 | 说明 |',
    '| --- | --- |',
    ...Object.values(endpoint.refusals).map(({ code, message }) => `| ${code} | ${message} |`),
  ].join('\n')

export const queryParameters = (
  { request }: { request: z.ZodType },
  example: Endpoint['example'] = {},
): object[] => {
  const { properties = {}, required = [] } = jsonSchema(request)
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: inQuery(schema as JsonSchema),
    ...(name in example && { example: example[name] }),
  }))
}

/** A query has no null, only a key that is not there: it is not described, for importers make up values where there is a choice. */
function inQuery({ anyOf, ...rest }: JsonSchema): JsonSchema {
  const some = anyOf?.filter(each => each.type !== 'null')
  if (!anyOf || !some) return rest
  return some.length === 1 ? { ...some[0], ...rest } : { anyOf, ...rest }
}

const headerParameters = ({ requestHeaders }: Endpoint): object =>
  requestHeaders
    ? {
        parameters: requestHeaders.map(({ name, description, value }) => ({
          name,
          in: 'header',
          required: false,
          description,
          schema: jsonSchema(value),
        })),
      }
    : {}

/** No header of the request is described: importers would fill it, and then nobody sees rows. */
const UNCHANGED = {
  description:
    '与 If-None-Match 里的 ETag 相同, 没有正文 (LT-10) / the same as the ETag in If-None-Match says; no body',
}
const ETAG: Header = {
  name: 'ETag',
  description:
    '列表的版本; 下次放进 If-None-Match, 没有变化就是 304 (LT-10) / what the list looks like: send it as If-None-Match, and an unchanged list is a 304',
  value: z.string(),
}

const answerHeaders = ({ responseHeaders, isConditional }: Endpoint): object =>
  responseHeaders || isConditional
    ? {
        headers: Object.fromEntries(
          [...(responseHeaders ?? []), ...(isConditional ? [ETAG] : [])].map(
            ({ name, description, value }) => [name, { description, schema: jsonSchema(value) }],
          ),
        ),
      }
    : {}

export const json = (schema: z.ZodType, example?: object): object => ({
  'application/json': { schema: jsonSchema(schema), ...(example && { example }) },
})

type JsonSchema = z.core.JSONSchema.JSONSchema

// What travels is the input side: defaults and coercions are ours, not the caller's.
const jsonSchema = (schema: z.ZodType): JsonSchema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    reused: 'inline',
    unrepresentable: 'any',
  })
  return rest
}
