/**
 * PostgreSQL is stopped and started ten times under a gateway that works: rooms are made, members join, requests come in.
 * Requests are answered in time with what is documented, nothing ends, and afterwards nothing is missing.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openSimulator } from '@qunhub/simulator'
import { expect, test } from 'vitest'
import { readConfig } from '../../packages/gateway/src/config.ts'
import { openGateway } from '../../packages/gateway/src/gateway.ts'
import { silentLog } from '../../packages/gateway/src/model/log.ts'
import { runVerb } from '../../packages/gateway/src/operator/run-verb.ts'
import { seededRandom } from '../../packages/gateway/src/store/contract/scene.contract.ts'
import { openCustomer } from '../../packages/gateway/testing/customer.ts'
import { eventually } from '../../packages/gateway/testing/eventually.ts'
import { openPostgresServer } from '../../packages/gateway/testing/postgres/server.ts'

const STOPS = 10
const ANSWER_MAX_MS = 5000
const RECOVERY_MAX_MS = 5000
/** Between two things that happen, or are asked. */
const PACE_MS = 40

test('NODE-15 ten times the database goes and comes back: no crash, answers within 5 s, nothing lost or invented', {
  timeout: 240_000,
}, async () => {
  const seed = Number(process.env.QUNHUB_SEED ?? 7)
  const random = seededRandom(seed)
  const home = await mkdtemp(join(tmpdir(), 'qunhub-away-'))
  const server = await openPostgresServer({ fsync: true })
  const simulator = await openSimulator({ scene: 'empty' })
  const customer = await openCustomer()
  const rejections: unknown[] = []
  const onRejection = (reason: unknown) => void rejections.push(reason)
  process.on('unhandledRejection', onRejection)
  const config = readConfig({
    PORT: '0',
    QUNHUB_DATA_DIR: home,
    DATABASE_URL: server.url,
    QUNHUB_PUPPET_DEADLINE_MS: '2000',
  })
  const gateway = await openGateway(config, {
    log: silentLog,
    tokenLimit: { take: () => ({ passed: true }) },
  })
  const operate = async (
    verb: Parameters<typeof runVerb>[0],
    ask: object,
  ): Promise<Record<string, string>> => {
    const reply = await runVerb(verb, ask, gateway.operator)
    if (!reply.ok) throw new Error(reply.message)
    return reply.value as Record<string, string>
  }
  const { id: workspace = '' } = await operate('add-workspace', { name: '断库' })
  const { token = '' } = await operate('issue-token', { workspace })
  await operate('set-callback-url', { workspace, url: customer.url })
  const { world } = simulator
  const bot = world.addBot({ userId: 'xiaobei' })
  const owner = world.addCoworker()
  await operate('add-bot', { workspace, endpoint: simulator.endpoint, token: bot.token, userId: 'xiaobei' })

  const ask = async (path: string, init?: RequestInit) => {
    const startedAt = performance.now()
    const answer = await fetch(gateway.baseUrl + path, init)
    return { status: answer.status, text: await answer.text(), ms: performance.now() - startedAt }
  }
  const list = () => ask(`/room/listByMHTag?token=${token}`)
  const add = (roomWxid: string, contactWxid: string) =>
    ask('/room/addMember', {
      method: 'POST',
      body: JSON.stringify({ token, botUserId: 'xiaobei', contactWxid, roomWxid }),
    })
  await eventually('the bot to be online', async () => {
    const bots = gateway.operator.live!.roster.all()
    return bots[0]?.session.state === 'online' && !bots[0].isStarting
  })

  const made: string[] = []
  const answers: Awaited<ReturnType<typeof ask>>[] = []
  const asking = new Set<Promise<unknown>>()
  let working = true
  const work = (async () => {
    for (let n = 0; working; n++) {
      if (n % 5 === 0) {
        const guest = world.addContact()
        made.push(
          world.addRoom({ ownerId: owner.wxid, topic: `群${n}`, members: [bot.wxid, guest.wxid] }).wxid,
        )
      }
      const last = made.at(-1)!
      if (n % 5 === 2) world.join(last, world.addContact().wxid)
      const asked = (n % 5 === 4 ? add(last, world.addContact({ friendOf: [bot.wxid] }).wxid) : list())
        .then(answer => answers.push(answer))
        .finally(() => asking.delete(asked))
      asking.add(asked)
      await pause(PACE_MS)
    }
  })()

  const recoveries: number[] = []
  for (let stop = 0; stop < STOPS; stop++) {
    await pause(300 + random.fraction() * 700)
    await (stop % 2 ? server.kill() : server.halt())
    const probe = await ask('/ready')
    expect(probe).toMatchObject({ status: 503, text: expect.stringContaining('"store"') })
    expect(probe.ms).toBeLessThan(ANSWER_MAX_MS)
    await pause(500 + random.fraction() ** 2 * 5000)
    await server.start()
    const backAt = performance.now()
    const guest = world.addContact().wxid
    const marker = world.addRoom({
      ownerId: owner.wxid,
      topic: `回来${stop}`,
      members: [bot.wxid, guest],
    }).wxid
    made.push(marker)
    await eventually('requests to succeed', async () => (await list()).status === 200, RECOVERY_MAX_MS)
    await eventually(
      'what happened meanwhile to be told',
      () => customer.heard.some(({ json }) => (json as { wxid: string }).wxid === marker),
      RECOVERY_MAX_MS,
    )
    recoveries.push(performance.now() - backAt)
  }
  working = false
  await work
  await Promise.all(asking)

  const joined = () =>
    customer.heard
      .filter(({ path }) => path.includes('/chatroom/joined'))
      .map(({ json, headers }) => ({ wxid: (json as { wxid: string }).wxid, id: headers['webhook-id'] }))
  const lost = () => made.filter(wxid => !joined().some(each => each.wxid === wxid))
  await eventually('every room to be told', () => lost().length === 0, 10_000).catch(() => {})
  const told = joined()
  const invented = told.filter(({ wxid }) => !world.rooms.has(wxid))
  const twice = told.length - new Set(told.map(({ id }) => id)).size
  const owedTwice = new Set(told.map(({ id }) => id)).size - new Set(told.map(({ wxid }) => wxid)).size
  const failures = answers.filter(({ status }) => status !== 200)
  const slowest = Math.max(...answers.map(({ ms }) => ms))
  recoveries.sort((a, b) => a - b)
  console.log(
    `seed ${seed}: ${STOPS} stops, ${answers.length} requests, ${failures.length} answered 500, slowest ${Math.round(slowest)} ms; ` +
      `rooms ${made.length}, lost ${lost().length}, invented ${invented.length}, told twice ${twice}, owed twice ${owedTwice}; ` +
      `recovery p50 ${Math.round(recoveries[4]!)} ms, max ${Math.round(recoveries.at(-1)!)} ms`,
  )
  expect(lost()).toEqual([])
  expect(invented).toEqual([])
  expect(owedTwice).toBe(0)
  expect(slowest).toBeLessThan(ANSWER_MAX_MS)
  expect(failures.length).toBeGreaterThan(0)
  for (const { status, text } of failures) {
    expect(status).toBe(500)
    expect(JSON.parse(text)).toMatchObject({ code: 500 })
  }
  expect(rejections).toEqual([])

  await eventually(
    'the store to agree with the world',
    async () => {
      const kept = new Map<string, number>()
      for (let current = 1; ; current++) {
        const { data, page } = JSON.parse(
          (await ask(`/room/listByMHTag?token=${token}&pageSize=100&current=${current}`)).text,
        ) as {
          data: { wxid: string; memberCount: number }[]
          page: { total: number }
        }
        for (const row of data) kept.set(row.wxid, row.memberCount)
        if (data.length === 0 || kept.size >= page.total) break
      }
      return made.every(wxid => kept.get(wxid) === world.rooms.get(wxid)!.members.size)
    },
    10_000,
  )

  process.off('unhandledRejection', onRejection)
  await gateway.stop()
  await simulator.stop()
  await customer.close()
  await server.remove()
  await rm(home, { recursive: true, force: true })
})
