/** Two nodes on one store, whatever changes in it: who asks again is answered from memory, and never with what was. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { noteStatements } from '@qunhub/testing/note-statements.ts'
import { openOwnStore } from '@qunhub/testing/open-own-store.ts'
import { lendStore } from '@qunhub/testing/postgres/lent-store.ts'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createMetrics } from '../../metrics/metrics.ts'
import { toRoomRow } from '../../model/room.ts'
import {
  createListTurns,
  LISTS_UNDER_WAY_MAX,
  LISTS_WAITING_MAX,
  type ListTurns,
} from '../../room/list-turns.ts'
import { createRowCache } from '../../room/row-cache.ts'
import { saveBotAccount } from '../../store/bots/bots.ts'
import {
  account,
  contact,
  keyring,
  NOON,
  room,
  Scene,
  seededRandom,
  wxidOf,
} from '../../store/contract/scene.contract.ts'
import type { Database, Statement } from '../../store/database/database.ts'
import type { Store } from '../../store/database/open-store.ts'
import { chatsOfWxid } from '../../store/rooms/chat-lists.ts'
import { readChats } from '../../store/rooms/rooms.ts'
import { assignTag, unassignTag } from '../../store/rooms/tags.ts'
import { issueToken, revokeToken } from '../../store/workspaces/tokens.ts'
import { systemClock } from '../../system/clock.ts'
import { silentLog } from '../../system/log.ts'
import { createArrivals } from '../arrivals.ts'
import { foundOut } from '../found-out.ts'
import { createKnownCallers } from '../known-callers.ts'
import type { Take } from '../rate-limit.ts'
import { takeTurns } from '../take-turns.ts'
import { entityTag } from './entity-tag.ts'
import { createRememberedLists } from './remembered-lists.ts'
import { takeShortWay } from './short-way.ts'

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e6))
const STEPS = 120
const ROOMS = ['街', '巷', '桥']
const PEOPLE = ['lin', 'mo', 'zhu']
const TOKEN = 'a-token-of-the-workspace'
const REFUSED = 'refused'
const ORDINARY = 'x-ordinary'

const onPostgres = async (): Promise<Store> => {
  const { store, giveBack } = await lendStore()
  onTestFinished(giveBack)
  return store
}

interface Heard {
  readonly status: number
  readonly text: string
  readonly etag: string
  readonly isShort: boolean
}

interface Node {
  /** What its store was asked. */
  readonly asked: Statement[]
  /** How often the rows of a list were looked for in memory. */
  readonly looked: () => number
  readonly way: { life: { leaving: boolean } }
  readonly listTurns: ListTurns
  /** Of the next requests. */
  take: Take
  ask(name: string, etag?: string, isPacked?: boolean): Promise<Heard>
}

/** A node whose ordinary way is as plain as can be, and says of each answer that it came that way. */
async function openNode(real: Database): Promise<Node> {
  const asked: Statement[] = []
  const db = noteStatements(real, asked)
  const callers = createKnownCallers({ db, keyring, clock: systemClock })
  const remembered = createRememberedLists()
  const file = { find: () => undefined, keep() {} }
  const rowCache = createRowCache({ db, file, bytesMax: 1_000_000, chatsPerRead: 2 })
  const inMemory = vi.spyOn(rowCache, 'inMemory')
  const listTurns = createListTurns({ clock: systemClock, atOnce: 1 })
  const life = { leaving: false, stopping: false, underWay: new Map() }
  const way = { life, basePath: '', nextRequestId: () => 'id' }
  const server = createServer(async (request, response) => {
    const { searchParams } = new URL(request.url!, 'http://localhost')
    const caller = await (foundOut(request).caller ?? callers.find(searchParams.get('token')!))
    if (!caller) return response.end(REFUSED)
    const chats = await chatsOfWxid(db, caller.workspaceId, searchParams.get('contactWxid')!)
    const answer = { chats, tail: ']}' }
    const etag = entityTag('run', answer)
    const { edition } = caller
    if (chats.length > 0 && edition !== undefined)
      remembered.keep(request, {
        ...answer,
        ...caller,
        edition,
        etag,
        run: 'run',
        route: '/room/listByMember',
      })
    const rows = await rowCache.rows(caller.workspaceId, chats, { giveWay: async () => {} })
    response.writeHead(200, { etag, [ORDINARY]: 'yes' })
    return response.end(
      `{"code":0,"data":[${rows
        .map(({ bytes }) => bytes)
        .join('')
        .slice(1)}]}`,
    )
  })
  const looked = () => inMemory.mock.calls.length
  const node = { asked, looked, way, listTurns, take: { passed: true } as Take }
  const deps = { callers, remembered, rowCache, listTurns, clock: systemClock, log: silentLog }
  const lookAfter = takeShortWay(
    server,
    {
      ...deps,
      metrics: createMetrics(),
      requestLog: { note() {} },
      runOfRows: () => 'run',
      tokenLimit: { take: () => node.take },
    },
    way,
  )
  takeTurns(server, createArrivals(), () => {}, lookAfter)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return Object.assign(node, {
    async ask(name: string, etag = '', isPacked = false) {
      const url = `http://127.0.0.1:${port}/room/listByMember?token=${TOKEN}&contactWxid=${wxidOf(name)}`
      const form = { 'accept-encoding': isPacked ? 'gzip' : 'identity' }
      const answer = await fetch(url, { headers: { 'if-none-match': etag, ...form } })
      const text = await answer.text()
      const isShort = text !== REFUSED && answer.headers.get(ORDINARY) === null
      return { status: answer.status, text, etag: answer.headers.get('etag') ?? '', isShort }
    },
  })
}

describe.each([
  ['SQLite', openOwnStore],
  ['PostgreSQL', onPostgres],
] as const)('lists that are remembered, %s', (dialect, open) => {
  const openScene = async () => {
    const scene = await Scene.open(open)
    const { db, workspaceId, random } = scene
    const { id } = await issueToken(db, keyring, random, workspaceId, { label: '', at: NOON, token: TOKEN })
    for (const name of ROOMS) await scene.save(room(name, PEOPLE))
    return Object.assign(scene, { tokenId: id })
  }
  const inStore = async ({ db, workspaceId }: Scene, name: string): Promise<string> => {
    const chats = await chatsOfWxid(db, workspaceId, wxidOf(name))
    const ids = chats.map(({ chatId }) => chatId)
    const rows = await readChats(db, workspaceId, ids)
    return `{"code":0,"data":[${rows.map(row => JSON.stringify(toRoomRow(row))).join()}]}`
  }

  test(`LT-11 whatever changes, two nodes answer as it is in the store (SEED=${SEED})`, async () => {
    const scene = await openScene()
    const { db, workspaceId, tenure } = scene
    const { fraction } = seededRandom(SEED)
    const some = <T>(of: readonly T[]): T => of[Math.floor(fraction() * of.length)]!
    const maybe = () => fraction() < 0.5
    const vip = await scene.tag('VIP')
    const nodes = [await openNode(db), await openNode(db)]
    const chatIds = async () =>
      (await chatsOfWxid(db, workspaceId, wxidOf('lin'))).map(({ chatId }) => chatId)
    const changes: readonly (() => Promise<unknown>)[] = [
      () => scene.save(room(some(ROOMS), ['lin', ...PEOPLE.slice(1).filter(maybe)])),
      () => scene.meet(contact(some(PEOPLE), { name: `名字 ${Math.floor(fraction() * 3)}` })),
      () => scene.leave(some(ROOMS.slice(1))),
      async () => assignTag(db, workspaceId, vip, some(await chatIds())),
      async () => unassignTag(db, workspaceId, vip, some(await chatIds())),
      () => saveBotAccount(db, tenure, account('bei', { nickName: some(['小北', '大北']) })),
    ]
    await scene.save(room('街', PEOPLE))
    const heard = new Map<string, string>()
    const tags = new Map<string, string>()
    const ways = { short: 0, ordinary: 0, unchanged: 0 }
    for (let step = 0; step < STEPS; step++) {
      if (maybe()) await some(changes)()
      const name = some(PEOPLE)
      const expected = await inStore(scene, name)
      const answer = await some(nodes).ask(name, maybe() ? tags.get(name) : '', maybe())
      const etag = answer.etag.replace('W/', '')
      if (answer.status === 304) expect(heard.get(etag)).toBe(expected)
      else expect(answer.text).toBe(expected)
      if (answer.status === 200) heard.set(etag, answer.text)
      tags.set(name, answer.etag)
      ways[answer.status === 304 ? 'unchanged' : answer.isShort ? 'short' : 'ordinary']++
    }
    expect(Object.values(ways).every(count => count > 0)).toBe(true)
  })

  test('LT-11 a list that has not changed is not looked for again, only whether it has', async () => {
    const scene = await openScene()
    const node = await openNode(scene.db)
    const { etag } = await node.ask('lin')
    node.asked.length = 0
    expect(await node.ask('lin')).toMatchObject({
      status: 200,
      isShort: true,
      text: await inStore(scene, 'lin'),
    })
    expect(await node.ask('lin', etag)).toMatchObject({ status: 304, isShort: true })
    expect(node.asked.map(({ sql }) => /from (counter|chat\w*)/.exec(sql)![1])).toEqual(
      dialect === 'SQLite' ? [] : ['counter', 'counter'],
    )
  })

  test('LT-12 a list that has not changed is packed once', async () => {
    const scene = await openScene()
    const node = await openNode(scene.db)
    const expected = { isShort: true, text: await inStore(scene, 'lin') }
    await node.ask('lin')
    expect(await node.ask('lin', '', true)).toMatchObject(expected)
    expect(await node.ask('lin', '', true)).toMatchObject(expected)
    expect(node.looked()).toBe(1)
    // Whoever takes it plain gets it from its rows.
    expect(await node.ask('lin')).toMatchObject(expected)
    expect(node.looked()).toBe(2)
  })

  test('LT-8 LT-11 of lists that their readers take at once none waits for another', async () => {
    const scene = await openScene()
    const node = await openNode(scene.db)
    await node.ask('lin')
    const answers = await Promise.all(Array.from({ length: 3 * LISTS_UNDER_WAY_MAX }, () => node.ask('lin')))
    expect(answers.filter(({ isShort }) => isShort)).toHaveLength(answers.length)
  })

  test('LT-8 LT-11 of a workspace that has too many lists under way one more is refused at once, until there are fewer', async () => {
    const scene = await openScene()
    const node = await openNode(scene.db)
    const { etag } = await node.ask('lin')
    const refusal = '{"code":503,"message":"列表请求过多, 请稍后再试 (too many lists at once)","data":[]}'
    const enter = () => node.listTurns.enter(scene.workspaceId)
    const underWay = []
    for (let n = 0; n < LISTS_UNDER_WAY_MAX; n++) {
      const turn = (await enter())!
      turn.rest()
      underWay.push(turn)
    }
    const waiting = Array.from({ length: LISTS_WAITING_MAX }, enter)
    node.asked.length = 0
    expect(await node.ask('lin')).toMatchObject({ status: 503, isShort: true, text: refusal })
    expect(node.asked.filter(({ sql }) => !sql.includes('from token'))).toEqual([])
    expect(await node.ask('lin', etag)).toMatchObject({ status: 304, isShort: true })
    for (const turn of underWay) turn.leave()
    for (const entering of waiting) (await entering)!.leave()
    expect(await node.ask('lin')).toMatchObject({ status: 200, isShort: true })
  })

  test('G-4 LT-11 a token that is revoked is refused by every node at once, whatever it remembers', async () => {
    const scene = await openScene()
    const nodes = [await openNode(scene.db), await openNode(scene.db)]
    for (const node of nodes) {
      await node.ask('lin')
      expect(await node.ask('lin')).toMatchObject({ isShort: true })
    }
    await revokeToken(scene.db, scene.workspaceId, scene.tokenId, NOON)
    for (const node of nodes) expect((await node.ask('lin')).text).toBe(REFUSED)
  })

  test('LT-11 over the limit, and when the node takes leave, the ordinary way says so', async () => {
    const scene = await openScene()
    const node = await openNode(scene.db)
    await node.ask('lin')
    node.take = { passed: false, retryAfterMs: 1 }
    node.asked.length = 0
    expect(await node.ask('lin')).toMatchObject({ isShort: false })
    // Whose the request is was found out, and is not asked again.
    const questions = node.asked.filter(({ sql }) => sql.includes('from token'))
    expect(questions).toHaveLength(dialect === 'SQLite' ? 0 : 1)
    node.take = { passed: true }
    expect(await node.ask('lin')).toMatchObject({ isShort: true })
    node.way.life.leaving = true
    expect(await node.ask('lin')).toMatchObject({ isShort: false })
  })

  // Where the store is in this process nobody waits for it, and requests are answered as they come.
  if (dialect === 'PostgreSQL')
    test('LT-7 LT-11 of those whom the store tells at once a few are answered in a tick of the event loop', async () => {
      const scene = await openScene()
      const node = await openNode(scene.db)
      await node.ask('lin')
      const perTick = [0]
      let isOver = false
      const tick = () => {
        perTick.push(node.looked())
        if (!isOver) setImmediate(tick)
      }
      tick()
      await Promise.all(Array.from({ length: 300 }, () => node.ask('lin')))
      isOver = true
      expect(node.looked()).toBe(300)
      // Of two ticks, for it is not said which of two calls of a tick comes first.
      expect(Math.max(...perTick.map((looked, n) => looked - (perTick[n - 1] ?? 0)))).toBeLessThanOrEqual(64)
    })
})
