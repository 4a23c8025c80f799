/**
 * What other people's programs make of our OpenAPI documents: two that look for faults, and the one with which Postman imports.
 * None of them calls home, or runs anything when it is installed.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { endpoints } from '@qunhub/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Demo, startDemo } from '../../packages/gateway/src/cli/demo/demo.ts'
import { readConfig } from '../../packages/gateway/src/config/config.ts'
import { silentLog } from '../../packages/gateway/src/system/log.ts'
import { INSTALL_TIMEOUT_MS, installStock, removeFolder } from './install-stock.ts'

const PACKAGES = {
  '@redocly/openapi-core': '2.64.0',
  '@stoplight/spectral-core': '1.24.1',
  '@stoplight/spectral-rulesets': '1.23.1',
  'openapi-to-postmanv2': '6.3.3',
}
const DOCUMENTS = ['openapi.json', 'manage/openapi.json', 'console/api/openapi.json'] as const

/** Prints what they find, a line each. */
const LINT = `
import { createConfig, lintFromString } from '@redocly/openapi-core'
import spectral from '@stoplight/spectral-core'
import rulesets from '@stoplight/spectral-rulesets'
import { text } from 'node:stream/consumers'
const source = await text(process.stdin)
const config = await createConfig({ extends: ['recommended'] })
for (const { severity, ruleId, message, location } of await lintFromString({ source, config, absoluteRef: '/openapi.json' }))
  console.log('redocly', severity, ruleId, message, location[0]?.pointer)
const linter = new spectral.Spectral()
linter.setRuleset({ extends: [[rulesets.oas, 'recommended']] })
for (const { severity, code, message, path } of await linter.run(JSON.parse(source)))
  console.log('spectral', severity, code, message, path.join('/'))
`
/** Prints the collection as Postman has it when its import is told to take examples. */
const IMPORT = `
import converter from 'openapi-to-postmanv2'
import { text } from 'node:stream/consumers'
const data = await text(process.stdin)
const byExample = { parametersResolution: 'Example', requestParametersResolution: 'Example' }
converter.convert({ type: 'string', data }, byExample, (failure, { result, reason, output }) => {
  if (failure || !result) throw failure ?? new Error(reason)
  console.log(JSON.stringify(output[0].data))
})
`

interface Pair {
  readonly key: string
  readonly value: string
  readonly disabled?: boolean
}
interface Item {
  readonly name: string
  readonly item?: readonly Item[]
  readonly request?: {
    readonly method: string
    readonly url: { readonly host: string[]; readonly path: string[]; readonly query: readonly Pair[] }
    readonly header: readonly Pair[]
    readonly body?: { readonly raw: string }
  }
}
interface Collection extends Item {
  readonly variable: readonly Pair[]
}

let installed: Promise<string>
let dataDir: string
let demo: Demo

beforeAll(async () => {
  installed = installStock(PACKAGES)
  dataDir = await mkdtemp(join(tmpdir(), 'qunhub-demo-'))
  const env = { PORT: '0', QUNHUB_SIMULATOR_PORT: '0', QUNHUB_DATA_DIR: dataDir }
  demo = await startDemo(readConfig(env), silentLog, () => {})
  await Promise.allSettled([installed])
}, INSTALL_TIMEOUT_MS + 10_000)

afterAll(async () => {
  await demo.stop()
  await rm(dataDir, { recursive: true })
  const [install] = await Promise.allSettled([installed])
  if (install.status === 'fulfilled') await removeFolder(install.value)
})

const documentOf = async (path: string): Promise<string> => (await fetch(`${demo.baseUrl}/${path}`)).text()

/** Runs the program where the packages are; what it printed. */
async function run(program: string, input: string): Promise<string> {
  const folder = await installed
  const file = join(folder, 'program.mjs')
  await writeFile(file, program)
  const child = spawn(process.execPath, [file], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(input)
  const [printed, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'close')])
  expect(exitCode).toBe(0)
  return printed
}

const requestsOf = ({ item = [] }: Item): Item[] =>
  item.flatMap(each => (each.request ? [each] : requestsOf(each)))

/** What Postman puts in the place of names in braces when it sends. */
const filled = (template: string, collection: Collection): string =>
  template.replace(/\{\{(.*?)\}\}/g, (_, name: string) =>
    name === '$guid' ? crypto.randomUUID() : collection.variable.find(({ key }) => key === name)!.value,
  )

async function send({ request }: Item, collection: Collection, token?: string): Promise<Response> {
  const { method, url, header, body } = request!
  const sent = ({ disabled }: Pair) => !disabled
  const query = new URLSearchParams(url.query.filter(sent).map(({ key, value }) => [key, value]))
  const target = `${filled(url.host.join('.'), collection)}/${url.path.join('/')}?${query}`
  const headers = header
    .filter(sent)
    .map(({ key, value }) => [key, filled(value, collection)] as [string, string])
  if (token) headers.push(['authorization', `Bearer ${token}`])
  return fetch(target, { method, headers, ...(body && { body: body.raw }) })
}

const imported = async (path: string): Promise<Collection> =>
  JSON.parse(await run(IMPORT, await documentOf(path)))

describe('the OpenAPI documents in other hands', () => {
  test.each(DOCUMENTS)('OA-7 redocly and spectral find nothing in %s', async path => {
    expect(await run(LINT, await documentOf(path))).toBe('')
  })

  test('OA-7 each request of openapi.json, imported by Postman with its examples and sent as it is, is answered code 0', async () => {
    const collection = await imported('openapi.json')
    const answers: Record<string, unknown> = {}
    for (const item of requestsOf(collection)) {
      const { code, errcode } = (await (await send(item, collection)).json()) as {
        code?: number
        errcode?: number
      }
      answers[`/${item.request!.url.path.join('/')}`] = code ?? errcode
    }
    expect(answers).toEqual(Object.fromEntries(endpoints.map(({ path }) => [path, 0])))
  })

  test('OA-7 each request of manage/openapi.json, imported likewise, is carried out or refused by a name that stands there', async () => {
    const collection = await imported('manage/openapi.json')
    const described = JSON.parse(await documentOf('manage/openapi.json')) as {
      paths: Record<string, Record<string, { description: string }>>
    }
    const issued = await runCliHere('token issue --realm manage --label imported --json', {
      QUNHUB_DATA_DIR: dataDir,
    })
    const { token } = JSON.parse(issued.stdout) as { token: string }
    const odd: string[] = []
    const requests = requestsOf(collection)
    for (const item of requests) {
      const path = `/${item.request!.url.path.join('/')}`
      const { refused } = (await (await send(item, collection, token)).json()) as { refused?: string }
      const { description } = Object.values(described.paths[path]!)[0]!
      if (refused && !description.includes(`| ${refused} |`)) odd.push(`${path}: ${refused}`)
    }
    expect(odd).toEqual([])
    expect(requests).toHaveLength(Object.keys(described.paths).length)
  })
})
