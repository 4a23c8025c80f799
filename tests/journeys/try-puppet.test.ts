import { createServer } from 'node:net'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import type { VerbAsk } from '@qunhub/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runVerb } from '../../packages/gateway/src/operator/run-verb.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())

const tryPuppet = async (ask: VerbAsk<'try-puppet'>) => {
  const { reached, steps, account } = await house.operate('try-puppet', ask)
  const outcomes = steps.map(({ step, verdict }) => `${step} ${verdict}`)
  return { reached, outcomes, said: steps.at(-1)?.said, userId: account?.userId }
}

test('BOT-268 a puppet is tried step by step, says who is logged in, and nothing is kept', async () => {
  const { endpoint } = house.simulator
  const { token } = house.world.addBot({ userId: 'xiaobei', nickName: '小北' })
  expect(await tryPuppet({ endpoint, token })).toEqual({
    reached: true,
    outcomes: ['name passed', 'connection passed', 'puppet passed', 'account passed'],
    said: '小北 (xiaobei)',
    userId: 'xiaobei',
  })
  expect((await house.operate('list-bots', {})).bots).toEqual([])
})

test('BOT-268 where nobody is logged in that is no fault; a bot there is hears on while it is tried', async () => {
  const bot = house.world.addBot({ userId: 'xiaonan', state: 'logged-out' })
  const { endpoint } = house.simulator
  expect(await tryPuppet({ endpoint, token: bot.token })).toMatchObject({
    reached: true,
    outcomes: expect.arrayContaining(['puppet passed', 'account unseen']),
  })
  const online = house.world.addBot({ userId: 'xiaodong' })
  const id = await house.host(online)
  expect(await tryPuppet({ bot: id })).toMatchObject({ reached: true, userId: 'xiaodong' })
  const { bot: shown, moves } = await house.operate('show-bot', { bot: id })
  expect(shown.session.state).toBe('online')
  expect(moves.map(({ to }) => to)).not.toContain('reconnecting')
})

test('BOT-268 the first step that fails is the last one, and is said in both languages', async () => {
  const { endpoint } = house.simulator
  expect(await tryPuppet({ endpoint, token: 'nobody_has_this' })).toMatchObject({
    ...{ reached: false, userId: undefined },
    outcomes: ['name passed', 'connection passed', 'puppet failed'],
    said: expect.stringContaining('token'),
  })
  expect(await tryPuppet({ endpoint: '127.0.0.1:1', token: 'puppet_nowhere' })).toMatchObject({
    outcomes: ['name passed', 'connection failed'],
    said: expect.stringMatching(/ECONNREFUSED.* \/ /),
  })
  // It takes connections, and is no puppet that speaks TLS.
  const plain = createServer(socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  await new Promise<void>(listening => plain.listen(0, '127.0.0.1', listening))
  const { port } = plain.address() as { port: number }
  const asTls = { endpoint: `127.0.0.1:${port}`, token: 'puppet_plain', tls: true }
  expect(await tryPuppet(asTls)).toMatchObject({ outcomes: expect.arrayContaining(['certificate failed']) })
  plain.close()
})

test.each(['169.254.169.254:80', '0.0.0.0:80', '[::ffff:169.254.169.254]:80', '224.0.0.1:80'])(
  'BOT-268 nothing is connected to at a reserved address: %s',
  async endpoint => {
    expect(await tryPuppet({ endpoint, token: 'puppet_metadata' })).toMatchObject({
      ...{ reached: false, outcomes: ['name failed'] },
    })
  },
)

test('BOT-268 who gives no token, or two addresses, is refused', async () => {
  const refusal = async (ask: object) => {
    const reply = await runVerb('try-puppet', ask, house.gateway.operator)
    return reply.ok ? null : reply.refused
  }
  expect(await refusal({ endpoint: '127.0.0.1:1' })).toBe('token-missing')
  expect(await refusal({ endpoint: '127.0.0.1:1', discovery: 'd.example', token: 'puppet_two' })).toBe(
    'address-unclear',
  )
})
