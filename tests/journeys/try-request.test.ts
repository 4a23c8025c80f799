import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { CONSOLE_TOKEN_ID, endpoints, TRIED_ANSWER_CHARACTERS_MAX, type VerbAsk } from '@qunhub/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTries } from '../../packages/gateway/src/http/tries.ts'
import { runVerb } from '../../packages/gateway/src/operator/run-verb.ts'
import { systemRandom } from '../../packages/gateway/src/system/random.ts'

let house: House
let zhang: string
let room: string

beforeAll(async () => {
  house = await openHouse()
  const { world } = house
  const bot = world.addBot({ userId: 'xiaobei' })
  zhang = world.addContact({ name: "张'伟", friendOf: [bot.wxid] }).wxid
  room = world.addRoom({ topic: '答疑群', ownerId: bot.wxid, members: [bot.wxid], external: true }).wxid
  await house.host(bot)
})
afterAll(() => house.close())

const tried = (ask: Omit<VerbAsk<'try-request'>, 'workspace'>) =>
  house.operate('try-request', { workspace: house.workspaceId, ...ask })

test('CON-43 each endpoint can be tried, and answers as it answers a program with a token', async () => {
  for (const { name, path, method } of endpoints.filter(({ method }) => method === 'GET')) {
    const { status, code, answer, isWhole } = await tried({ endpoint: name })
    const asProgram = await house.get(path)
    expect({ name, method, status, code, isWhole }).toEqual({
      ...{ name, method, status: asProgram.status, isWhole: true },
      code: (asProgram.body as { code: number }).code,
    })
    expect(JSON.parse(answer)).toEqual(asProgram.body)
  }
  const body = { botUserId: 'xiaobei', contactWxid: zhang, roomWxid: room, token: 'somebody’s own' }
  expect(await tried({ endpoint: 'addMember', body: JSON.stringify(body) })).toMatchObject({
    status: 200,
    code: 0,
  })
  expect(house.world.room(room).members.has(zhang)).toBe(true)
  // A refusal of the endpoint is its answer.
  expect(await tried({ endpoint: 'addMember', body: JSON.stringify(body) })).toMatchObject({ code: -9 })
  expect(await tried({ endpoint: 'create', body: '{}' })).toMatchObject({ status: 400, code: 400 })
})

test('CON-43 a create that is tried again under the same key makes one room, and under another one another', async () => {
  const { world } = house
  const [bot] = world.bots.values()
  const wang = world.addContact({ name: '王芳', friendOf: [bot!.wxid] }).wxid
  const body = JSON.stringify({ botUserId: 'xiaobei', wxids: [zhang, wang], name: '新客户群' })
  const roomOf = async (idempotencyKey: string) => {
    const { answer } = await tried({ endpoint: 'create', body, idempotencyKey })
    return (JSON.parse(answer) as { data: { roomWxid: string } }).data.roomWxid
  }
  const first = await roomOf('one')
  expect(await roomOf('one')).toBe(first)
  expect(await roomOf('two')).not.toBe(first)
})

test('CON-43 what was tried is noted as the console’s, under the id that was told', async () => {
  const { requestId } = await tried({ endpoint: 'botList' })
  const noted = await eventually('it is written down', async () => {
    const { requests } = await house.operate('list-requests', {
      ...{ workspace: house.workspaceId, requestId: requestId! },
    })
    return requests[0]
  })
  expect(noted).toMatchObject({ endpoint: '/bot/list', code: 0, tokenId: CONSOLE_TOKEN_ID, tokenLabel: '' })
})

test('CON-43 a pass opens once, for its own workspace, and what is no JSON object is refused', async () => {
  const { workspaceId } = await house.anotherWorkspace()
  const { answer } = await house.operate('try-request', { workspace: workspaceId, endpoint: 'botList' })
  expect(JSON.parse(answer)).toEqual({ code: 0, data: [] })
  for (const body of ['', '[]', 'null', '"a"', '{'])
    expect(
      await runVerb(
        'try-request',
        { workspace: workspaceId, endpoint: 'exit', body },
        house.gateway.operator,
      ),
      body,
    ).toMatchObject({ ok: false, refused: 'body-malformed' })
  const tries = createTries(systemRandom)
  expect(await tries.run({ workspaceId, endpoint: endpoints[0], fields: {}, waitSeconds: 1 })).toMatchObject({
    ...{ ok: false, refused: 'gateway-not-running' },
  })
  const seen: string[] = []
  const door = createServer((request, answer) => {
    const pass = request.headers.authorization!.slice('Bearer '.length)
    seen.push(pass, tries.take(pass)?.workspaceId ?? '', tries.take(pass)?.workspaceId ?? '')
    answer.end('a'.repeat(TRIED_ANSWER_CHARACTERS_MAX + 1))
  })
  await new Promise<void>(resolve => door.listen(0, '127.0.0.1', resolve))
  tries.openAt(`http://127.0.0.1:${(door.address() as AddressInfo).port}`)
  const ask = { workspaceId, endpoint: endpoints[0], fields: {}, waitSeconds: 10 }
  expect(await tries.run(ask)).toMatchObject({
    value: { isWhole: false, code: null, answer: 'a'.repeat(TRIED_ANSWER_CHARACTERS_MAX) },
  })
  expect(seen).toEqual([expect.stringMatching(/^[\w-]{43}$/), workspaceId, ''])
  door.closeAllConnections()
  await new Promise(resolve => door.close(resolve))
  expect(await tries.run(ask)).toMatchObject({ ok: false, refused: 'try-unanswered' })
})
