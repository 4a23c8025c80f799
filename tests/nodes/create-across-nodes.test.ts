import { setTimeout as pause } from 'node:timers/promises'
import { eventually } from '@qunhub/testing/eventually.ts'
import { openCluster } from '@qunhub/testing/grounds/open-cluster.ts'
import { openProvingGround } from '@qunhub/testing/grounds/open-proving-ground.ts'
import { openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { create } from '@qunhub/wire'
import { expect, inject, onTestFinished, test } from 'vitest'

const KEY = { 'idempotency-key': 'one-room' }
/** A dead node is reaped, its bot claimed, connected and read anew. */
const TAKE_OVER_MAX_MS = 20_000
const ASK_AGAIN_MS = 200

test('CR-25 CR-22 a node killed between the puppet’s answer and its own: the next request with the key finds the room, greets it, and makes no other', {
  timeout: 90_000,
}, async () => {
  const database = await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
  onTestFinished(() => database.drop())
  const ground = await openProvingGround(database.url)
  onTestFinished(() => ground.close())
  const [first, second] = [await ground.addNode('a'), await ground.addNode('b')]
  await first.start()
  await ground.started()
  await second.start()

  const { world, simulator, bot } = ground
  const wxids = [0, 1].map(() => world.addContact({ friendOf: [bot.wxid] }).wxid)
  const ask = (baseUrl: string) =>
    fetch(`${baseUrl}/room/create`, {
      method: 'POST',
      headers: KEY,
      body: JSON.stringify({
        token: ground.tokens[0],
        botUserId: bot.userId,
        wxids,
        name: '只此一群',
        greeting: '欢迎',
      }),
    }).then(async answer => create.reply.parse(await answer.json()))
  const rooms = () => [...world.rooms.values()].filter(room => room.topic === '只此一群')

  // The answer never comes, so the node is killed while it waits for it.
  simulator.faults.add({ on: 'roomCreate', mode: 'done-but-timeout', times: 1 })
  const lost = ask(first.baseUrl).catch(() => null)
  await eventually('the room is there', () => rooms().length === 1)
  await first.kill9()
  expect(await lost).toBeNull()

  const answer = await eventually(
    'the other node to answer with the room',
    async () => {
      const { errcode, data } = await ask(second.baseUrl)
      expect([0, -5, -8, -9]).toContain(errcode)
      if (errcode !== 0) await pause(ASK_AGAIN_MS)
      return errcode === 0 ? data! : null
    },
    TAKE_OVER_MAX_MS,
  )
  expect(answer.roomWxid).toBe(rooms()[0]!.wxid)
  expect((await ask(second.baseUrl)).data).toEqual(answer)
  expect(rooms()).toHaveLength(1)
  expect(world.snapshot().messages.map(({ text }) => text)).toEqual(['欢迎'])
  const joined = () =>
    ground.customer.heard.filter(
      ({ path, json }) => path.endsWith('/joined') && (json as { wxid: string }).wxid === answer.roomWxid,
    )
  await eventually('the customer hears of it', () => joined().length > 0)
  await pause(ASK_AGAIN_MS)
  expect(joined()).toHaveLength(1)
})

test('CR-26 a bot that is given to another node finishes first what customers asked of it', {
  timeout: 60_000,
}, async () => {
  const cluster = await openCluster(1)
  onTestFinished(() => cluster.close())
  const { world, simulator } = cluster
  const bots = ['xiaobei', 'xiaonan'].map(userId => world.addBot({ userId }))
  const wxids = [0, 1].map(() => world.addContact({ friendOf: bots.map(bot => bot.wxid) }).wxid)
  const ids: string[] = []
  for (const bot of bots) ids.push(await cluster.host(bot))
  const [first] = cluster.nodes
  const patient = await cluster.addNode({ env: { QUNHUB_PUPPET_DEADLINE_MS: '3000' } })
  await cluster.stop(first!)
  const isOnline = (id: string) =>
    patient.gateway.operator.live!.roster.byId(cluster.workspaceId, id as never)?.session.state === 'online'
  await eventually('it runs both', () => ids.every(isOnline), TAKE_OVER_MAX_MS)

  // Each takes as long as a call to a puppet may take, and has happened by then. Meanwhile a node comes for its share.
  simulator.faults.add({ on: 'roomCreate', mode: 'done-but-timeout' })
  const answering = bots.map(bot =>
    patient.post('/room/create', { botUserId: bot.userId, wxids, name: bot.userId }),
  )
  await eventually('both rooms are there', () => world.rooms.size === 2)
  await cluster.addNode()
  await eventually('one of them is leaving', () => patient.bots().length === 1)
  const answers = (await Promise.all(answering)).map(({ text }) => create.reply.parse(JSON.parse(text)))
  expect(answers.map(({ errcode }) => errcode)).toEqual([0, 0])
  expect(answers.map(({ data }) => data!.roomWxid).toSorted()).toEqual([...world.rooms.keys()].toSorted())
  await eventually('each node runs one', () =>
    cluster.nodes.every(node => node.bots().length === 1 && ids.includes(node.bots()[0]!)),
  )
})
