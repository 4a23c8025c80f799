import { once } from 'node:events'
import { connect } from 'node:net'
import { eventually } from '@qunhub/testing/eventually.ts'
import { openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import Fastify, { type FastifyInstance } from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../../system/log.ts'
import { type AnswerLaterDeps, answerLater } from './answer-later.ts'

test('RDY-10 who asks at once for what is put together later is answered as later', async () => {
  const house = await openHouse()
  const asked = [
    ['GET', '/manage/list-bots', 405, 'POST'],
    ['DELETE', '/room/addMember', 405, 'POST'],
    ['POST', '/room/listByMember', 405, 'GET, HEAD'],
    ['GET', '/console/api/no-such-verb', 404, null],
    ['GET', '/no/such/route', 404, null],
    ['GET', '/%zz', 404, null],
    ['POST', '/manage/list-bots', 401, null],
    ['POST', '//room/addMember', 200, null],
    ['HEAD', '/openapi.json', 200, null],
    ['GET', '/docs', 200, null],
  ] as const
  const answers = () =>
    Promise.all(
      asked.map(async ([method, path]) => {
        const { status, headers, text } = await house.send(path, { method })
        return [method, path, status, headers.get('allow'), text]
      }),
    )
  const atOnce = await answers()
  expect(atOnce.map(answer => answer.slice(0, 4))).toEqual(asked)
  expect(await answers()).toEqual(atOnce)
  await house.close()
})

test('RDY-10 `localhost` is 127.0.0.1 alone, so that there is no door that leads to half of it', async () => {
  const house = await openHouse({ env: { QUNHUB_HOST: 'localhost' } })
  expect(new URL(house.baseUrl).hostname).toBe('127.0.0.1')
  expect((await house.send('/docs')).status).toBe(200)
  const { port } = new URL(house.baseUrl)
  await expect(fetch(`http://[::1]:${port}/health`)).rejects.toThrow()
  await house.close()
})

/** An app with `/now`, and behind it another one that is there when the test says so. */
async function open() {
  const app = Fastify()
  app.get('/now', async () => 'now')
  const left: number[] = []
  const closed: string[] = []
  const answered: (string | number)[][] = []
  let begun = 0
  let making = Promise.withResolvers<FastifyInstance>()
  const metrics: AnswerLaterDeps['metrics'] = {
    cutOff: (_, ms) => left.push(ms),
    answered: (...[endpoint, status, code]) => answered.push([endpoint, status, code]),
  }
  const clock = new ManualClock()
  const deps = { clock, log: silentLog, metrics, basePath: '', nextRequestId: () => 'id' }
  const later = answerLater(app, deps, () => {
    begun++
    return making.promise
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(async () => {
    later.stop()
    await app.close()
  })
  return {
    ...{ url, clock, left, answered, closed, stop: () => later.stop(), close: () => later.close() },
    begun: () => begun,
    async there() {
      const { resolve } = making
      const other = Fastify()
      other.get('/later', async () => 'later')
      other.addHook('onClose', async () => void closed.push('the other'))
      await other.ready()
      resolve(other)
    },
    fail() {
      const { reject } = making
      making = Promise.withResolvers()
      reject(new Error('a file is gone'))
    },
  }
}

const read = async (url: string): Promise<string> => (await fetch(url)).text()

test('RDY-10 what is there answers meanwhile, and what is not is put together once', async () => {
  const { url, there, begun } = await open()
  expect(await read(`${url}/now`)).toBe('now')
  expect(begun()).toBe(0)
  const waiting = [read(`${url}/later`), read(`${url}/later`)]
  await eventually('it is begun', () => begun() > 0)
  expect(await read(`${url}/now`)).toBe('now')
  await there()
  expect(await Promise.all(waiting)).toEqual(['later', 'later'])
  expect(begun()).toBe(1)
})

test('RDY-10 a caller who leaves before it is there is told of, and answered no more', async () => {
  const { url, there, begun, left } = await open()
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write('GET /later HTTP/1.1\r\nHost: x\r\n\r\n')
  await eventually('it is begun', () => begun() > 0)
  socket.destroy()
  await once(socket, 'close')
  await read(`${url}/now`)
  await there()
  await eventually('he is told of', () => left.length === 1)
})

test('RDY-10 where it cannot be put together its callers are told, and a later one is answered', async () => {
  const { url, clock, fail, there, begun, answered } = await open()
  const asked = [fetch(`${url}/later`), fetch(`${url}/manage/list-bots`, { method: 'POST' })]
  await eventually('it is begun', () => begun() > 0)
  fail()
  const [page, verb] = await Promise.all(asked)
  expect(page!.status).toBe(500)
  expect(await page!.json()).toMatchObject({ code: 500 })
  expect(await verb!.json()).toMatchObject({ ok: false, refused: 'gateway-failed' })
  expect(answered).toContainEqual(['unknown', 500, 500])
  // Anybody may ask, and each try is dear: not with every request.
  expect((await fetch(`${url}/later`)).status).toBe(500)
  expect(begun()).toBe(1)
  await there()
  clock.advance(1000)
  expect(await read(`${url}/later`)).toBe('later')
  expect(begun()).toBe(2)
})

test('RDY-10 on a disk that hangs its callers are told after ten seconds', async () => {
  const { url, clock, there, begun } = await open()
  const asked = fetch(`${url}/later`)
  await eventually('it is begun', () => begun() > 0)
  clock.advance(10_000)
  expect((await asked).status).toBe(500)
  expect(await read(`${url}/now`)).toBe('now')
  // It is not begun beside itself, and what comes after all counts.
  clock.advance(10_000)
  expect((await fetch(`${url}/later`)).status).toBe(500)
  await there()
  expect(await read(`${url}/later`)).toBe('later')
  expect(begun()).toBe(1)
})

test('RDY-10 nobody needs to ask for it: it is put together a second after the start', async () => {
  const { clock, begun } = await open()
  clock.advance(999)
  expect(begun()).toBe(0)
  clock.advance(1)
  expect(begun()).toBe(1)
})

test('RDY-10 G-5 who waits for it when the stop comes is told of that, and when to come again', async () => {
  const { url, begun, stop } = await open()
  const asked = fetch(`${url}/later`)
  await eventually('it is begun', () => begun() > 0)
  stop()
  const answer = await asked
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await answer.json()).toMatchObject({ code: 503 })
})

test('RDY-10 what is there only after the stop is closed all the same', async () => {
  const { clock, begun, stop, close, there, closed } = await open()
  clock.advance(1000)
  expect(begun()).toBe(1)
  stop()
  await close()
  await there()
  await eventually('it is closed', () => closed.length === 1)
})

test('RDY-10 after the stop nothing is put together any more', async () => {
  const { url, clock, begun, fail, stop } = await open()
  const asked = fetch(`${url}/later`)
  await eventually('it is begun', () => begun() > 0)
  stop()
  fail()
  expect((await asked).status).toBe(503)
  clock.advance(1000)
  expect((await fetch(`${url}/later`)).status).toBe(503)
  expect(begun()).toBe(1)
})
