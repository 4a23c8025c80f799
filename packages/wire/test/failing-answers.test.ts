import { describe, expect, test } from 'vitest'
import { consoleOpenApi, managementOpenApi, openApi } from '../src/index.ts'

interface Answer {
  readonly headers?: object
  readonly content?: Record<string, { schema: { properties: Record<string, { enum?: string[] }> } }>
}
interface Operation {
  readonly operationId: string
  readonly responses: Record<string, Answer>
}
const operationsOf = (document: object): Operation[] =>
  Object.values((document as { paths: Record<string, Record<string, Operation>> }).paths).flatMap(path =>
    Object.values(path),
  )
const documents = {
  '/openapi.json': openApi({ server: '/', version: '1' }),
  '/manage/openapi.json': managementOpenApi('/', '1'),
  '/console/api/openapi.json': consoleOpenApi('/', '1'),
}

const names = (id: string, status: number): readonly string[] | undefined => {
  const operations = operationsOf(documents['/console/api/openapi.json'])
  const { responses } = operations.find(({ operationId }) => operationId === id)!
  return responses[status]!.content!['application/json']?.schema.properties['refused']?.enum
}

describe('OA-10 what a gateway answers that fails, stops or is asked too often', () => {
  test.each(Object.entries(documents))('OA-10 %s: every operation has its 429, 500 and 503', (_path, it) => {
    for (const { operationId, responses } of operationsOf(it)) {
      for (const status of [429, 500, 503]) expect(responses, operationId).toHaveProperty([status])
      for (const status of [429, 503])
        expect(responses[status]!.headers, operationId).toHaveProperty(['Retry-After'])
      expect(responses[429]!.content, operationId).toHaveProperty(['text/plain'])
    }
  })

  test('OA-10 a list that is refused has a message beside its rows', () => {
    for (const { operationId, responses } of operationsOf(documents['/openapi.json']))
      for (const status of [200, 400, 500, 503]) {
        const { schema } = responses[status]!.content!['application/json']!
        if (!('$ref' in schema))
          expect(Object.keys(schema.properties), operationId).toContain(
            operationId === 'create' ? 'errmsg' : 'message',
          )
      }
  })

  test('OA-10 CON-9 a sign-in that has to wait is the 503 that is called busy', () => {
    expect(names('signIn', 503)).toEqual(['gateway-failed', 'stopping', 'busy'])
    expect(names('signOut', 503)).toEqual(['gateway-failed', 'stopping'])
  })

  test('OA-10 CON-13 too many attempts to sign in are a 429 with a name, too many requests one in plain text', () => {
    expect(names('signIn', 429)).toEqual(['too-soon'])
    expect(names('signOut', 429)).toBe(undefined)
  })
})
