import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { type Customer, openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, expect, test } from 'vitest'

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`

let customer: Customer
let folder: string
let secretFile: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qunhub-conform-'))
  secretFile = join(folder, 'secret.txt')
  await writeFile(secretFile, `${SECRET}\n`)
  customer = await openCustomer(({ body, headers }) => {
    try {
      new Webhook(SECRET).verify(body, headers as Record<string, string>)
      return 204
    } catch {
      return 401
    }
  })
})
afterEach(async () => {
  await customer.close()
  await rm(folder, { recursive: true })
})

test.each([
  ['is missing', 'http://127.0.0.1:1', undefined],
  ['is none', 'http://127.0.0.1:1 --secret-file -', 'canary'],
  ['is too short', 'http://127.0.0.1:1 --secret-file -', 'whsec_Y2FuYXJ5'],
  ['is one of too many', 'http://127.0.0.1:1 --secret-file -', `${SECRET} `.repeat(6)],
])('CLI-113 a secret that %s is wrong usage, and not repeated', async (_what, args, stdin) => {
  const { exitCode, stderr } = await runCliHere(`conform ${args}`, {}, stdin === undefined ? {} : { stdin })
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/--secret-file|whsec_/)
  expect(stderr).not.toMatch(/canary|Y2FuYXJ5|AQEBAQ/)
})

test.each(['crm.example.com', 'ftp://crm.example.com', 'https://crm.example.com/#a'])(
  'CLI-113 what is no address of a receiver is wrong usage: %s',
  async url => {
    const { exitCode, stderr } = await runCliHere(`conform ${url} --secret-file ${secretFile}`, {})
    expect(exitCode).toBe(2)
    expect(stderr).toContain('https://')
  },
)

test('CLI-113 the secret is taken from a file, stdin or QUNHUB_SECRETS, the file going first', async () => {
  const ways = [
    [`--secret-file ${secretFile}`, { QUNHUB_SECRETS: 'canary' }, undefined],
    ['', {}, SECRET],
    ['', { QUNHUB_SECRETS: SECRET }, undefined],
  ] as const
  for (const [option, env, stdin] of ways) {
    const { exitCode, stdout } = await runCliHere(
      `conform ${customer.url} --json ${option}`.trim(),
      env,
      stdin === undefined ? {} : { stdin },
    )
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      target: `${customer.url}/`,
      passed: true,
      counts: { failed: 0 },
    })
  }
})

test('CLI-113 people see what was looked at, how it was seen and what to do; what failed ends with 1', async () => {
  customer.answerWith(() => 200)
  const { exitCode, stdout, stderr } = await runCliHere(
    `conform ${customer.url} --secret-file ${secretFile}`,
    {},
  )
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' })
  for (const words of [
    '✓ 通过 passed',
    '✗ 不符 failed',
    '所见 seen',
    '下一步 next',
    '请求体被改过 / a body that was changed',
  ])
    expect(stdout).toContain(words)
})

test('CLI-113 a header and a password are sent with every callback, and not shown', async () => {
  const headerFile = join(folder, 'header.txt')
  await writeFile(headerFile, 'X-Api-Key: canary-1\n')
  const url = customer.url.replace('http://', 'http://user:canary-2@')
  const args = `conform ${url} --secret-file ${secretFile} --header-file ${headerFile} --json`
  const { exitCode, stdout, stderr } = await runCliHere(args, {})
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(stdout).not.toContain('canary')
  for (const { headers } of customer.heard)
    expect(headers).toMatchObject({
      'x-api-key': 'canary-1',
      authorization: `Basic ${btoa('user:canary-2')}`,
    })
})
