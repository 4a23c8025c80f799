import { z } from 'zod'
import { callbacks, endpoints } from './contract.ts'
import type { Endpoint } from './model/endpoint.ts'

/**
 * The whole contract as OpenAPI 3.1, derived from the schemas; imports into Apifox and Postman.
 * `baseUrl` becomes the only server.
 */
export const openApi = (baseUrl: string, version: string): object =>
  describeDocument(document(baseUrl, version))

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

const document = (baseUrl: string, version: string): object => ({
  openapi: '3.1.0',
  info: {
    title: '群枢 Qunhub: 群聊接口',
    version,
    description:
      '与秒回开放 API 的群聊页面兼容的自托管网关。/ A self-hosted gateway, wire-compatible with the group-chat page.',
  },
  servers: [{ url: baseUrl }],
  paths: Object.fromEntries(
    endpoints.map(endpoint => [endpoint.path, { [endpoint.method.toLowerCase()]: operation(endpoint) }]),
  ),
  webhooks: Object.fromEntries(
    callbacks.map(callback => [
      callback.kind,
      {
        post: {
          summary: callback.summary,
          description: `POST <回调地址>${callback.path}; 任意 2xx 即成功。签名遵循 Standard Webhooks。`,
          requestBody: { required: true, content: json(callback.body) },
          responses: { '2XX': { description: '已收到 / received' } },
        },
      },
    ]),
  ),
})

const operation = (endpoint: Endpoint): object => ({
  operationId: endpoint.name,
  summary: endpoint.summary,
  description: refusalTable(endpoint),
  ...(endpoint.method === 'GET'
    ? { parameters: queryParameters(endpoint) }
    : { requestBody: { required: true, content: json(endpoint.request) }, ...headerParameters(endpoint) }),
  responses: {
    200: {
      description: '成功或带 code 的拒绝 / success, or a refusal with its code',
      content: json(endpoint.reply),
      ...answerHeaders(endpoint),
    },
    400: { description: '请求不符合要求 / malformed request', content: json(endpoint.reply) },
    429: {
      description: '超过每 30 秒 500 次 / more than 500 requests in 30 s',
      content: { 'text/plain': { schema: { type: 'string' } } },
    },
  },
})

const refusalTable = (endpoint: Endpoint): string =>
  [
    '| 错误码 | 说明 |',
    '| --- | --- |',
    ...Object.values(endpoint.refusals).map(({ code, message }) => `| ${code} | ${message} |`),
  ].join('\n')

export const queryParameters = ({ request }: { request: z.ZodType }): object[] => {
  const { properties = {}, required = [] } = jsonSchema(request)
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }))
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

const answerHeaders = ({ responseHeaders }: Endpoint): object =>
  responseHeaders
    ? {
        headers: Object.fromEntries(
          responseHeaders.map(({ name, description, value }) => [
            name,
            { description, schema: jsonSchema(value) },
          ]),
        ),
      }
    : {}

export const json = (schema: z.ZodType): object => ({ 'application/json': { schema: jsonSchema(schema) } })

// What travels is the input side: defaults and coercions are ours, not the caller's.
const jsonSchema = (schema: z.ZodType): z.core.JSONSchema.JSONSchema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    reused: 'inline',
    unrepresentable: 'any',
  })
  return rest
}
