import { type Office, openOffice } from '@qunhub/testing/grounds/open-office.ts'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { type Customer, openCustomer } from '@qunhub/testing/receivers/customer.ts'
import type { WorkspaceId } from '@qunhub/wire'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openOperatorDoor } from '../../http/doors/operator-door.ts'
import { enqueueCallback } from '../../store/contract/scene.contract.ts'
import { silentLog } from '../../system/log.ts'

let office: Office
let workspace: WorkspaceId
let secret: string
let door: Awaited<ReturnType<typeof openOperatorDoor>>
let local: Customer
beforeEach(async () => {
  office = await openOffice()
  door = await openOperatorDoor({ dataDir: office.dataDir, deps: office.deps, log: silentLog })
  workspace = await office.workspaceNamed('甲')
  secret = (await office.value('set-callback-url', { workspace, url: 'http://127.0.0.1:9/' })).secret!
  for (const room of ['R:1', 'R:2']) {
    const body = Buffer.from(`{"topic":"群 ${room} \\u001b[2J","wxid":"${room}"}`)
    const owed = { kind: 'chatroom/joined', laneKey: room, body } as const
    await office.deps.db.write(tx => enqueueCallback(tx, workspace, owed, Date.now()))
  }
  local = await openCustomer()
})
afterEach(async () => {
  await local.close()
  await door.close()
  await office.close()
})

const cli = (args: string, stdin?: string) =>
  runCliHere(args, { QUNHUB_DATA_DIR: office.dataDir }, stdin === undefined ? {} : { stdin })
const events = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { event: string; callback?: { body: string }; outcome?: object })

test('CLI-119 each is posted on under its own webhook-id, signed with the secret of the workspace, below the base', async () => {
  const { exitCode, stdout, stderr } = await cli(
    `callback listen --since 2h --count 2 --forward-to ${local.url}/dev?a=b --json`,
  )
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(events(stdout).map(({ event }) => event)).toEqual(['owed', 'forwarded', 'owed', 'forwarded'])
  const { callbacks } = await office.value('list-callbacks', { workspace })
  expect(local.heard.map(({ headers }) => headers['webhook-id'])).toEqual(
    callbacks.map(({ webhookId }) => webhookId).reverse(),
  )
  for (const { path, body, headers } of local.heard) {
    expect(path).toBe('/dev/chatroom/joined?a=b')
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toBeDefined()
  }
  expect(callbacks.every(({ state, attempts }) => state === 'due' && attempts === 0)).toBe(true)
})

test('CLI-119 or with the secret that is given; a refusal is told, and changes nothing', async () => {
  local.answerWith([503])
  const own = `whsec_${Buffer.alloc(32, 9).toString('base64')}`
  const { exitCode, stdout } = await cli(
    `callback listen --since 2h --count 2 --forward-to ${local.url} --secret-file -`,
    own,
  )
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/群 R:1 .*msg_\S+ {2}待投递 due\n {2}→ 503/)
  expect(stdout).toMatch(/→ 200, \d+ ms/)
  expect(stdout).not.toContain('\u001b')
  const [{ body, headers }] = local.heard as [(typeof local.heard)[number]]
  expect(new Webhook(own).verify(body, headers as Record<string, string>)).toBeDefined()
})

test('CLI-119 a program that is not there is told of, and the next one is posted all the same', async () => {
  await local.close()
  const { exitCode, stdout } = await cli(`callback listen --since 2h --count 2 --forward-to ${local.url}`)
  expect(exitCode).toBe(0)
  expect(stdout.match(/→ 没有应答, 连不上/g)).toHaveLength(2)
})

test.each([
  '--since soon',
  '--since 2h --after 1',
  '--after yesterday',
  '--forward-to ftp://127.0.0.1/',
  '--count many',
])('CLI-119 what is typed wrong ends with 2: %s', async options => {
  expect(await cli(`callback listen ${options}`)).toMatchObject({ exitCode: 2, stdout: '' })
})

test('CLI-118 without a gateway it says what to start, and ends with 1', async () => {
  await door.close()
  const { exitCode, stderr } = await cli('callback listen')
  expect(exitCode).toBe(1)
  expect(stderr).toContain('qunhub serve')
})
