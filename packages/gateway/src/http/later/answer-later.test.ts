import { once } from 'node:events'
import { connect } from 'node:net'
import { eventually } from '@qunhub/testing/eventually.ts'
import { openHouse } from '@qunhub/testing/grounds/open-house.ts'
import Fastify, { type FastifyInstance } from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../../system/log.ts'
import { answerLater } from './answer-later.ts'

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

/** An app with `/now`, and behind it another one that is there when the test says so. */
async function open() {
  const app = Fastify()
  app.get('/now', async () => 'now')
  const left: number[] = []
  let begun = 0
  const { promise, resolve, reject } = Promise.withResolvers<FastifyInstance>()
  const later = answerLater(app, { log: silentLog, onLeft: ms => left.push(ms) }, () => {
    begun++
    return promise
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(async () => {
    later.stop()
    await app.close()
  })
  const there = () => resolve(Fastify().get('/later', async () => 'later'))
  return { url, left, there, reject, begun: () => begun }
}

const read = async (url: string): Promise<string> => (await fetch(url)).text()

test('RDY-10 what is there answers meanwhile, and what is not is put together once', async () => {
  const { url, there, begun } = await open()
  expect(await read(`${url}/now`)).toBe('now')
  expect(begun()).toBe(0)
  const waiting = [read(`${url}/later`), read(`${url}/later`)]
  await eventually('it is begun', () => begun() > 0)
  expect(await read(`${url}/now`)).toBe('now')
  there()
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
  there()
  await eventually('he is told of', () => left.length === 1)
})

test('RDY-10 where it cannot be put together its callers are not left waiting', async () => {
  const { url, reject, begun } = await open()
  const asked = read(`${url}/later`).catch(() => 'cut off')
  await eventually('it is begun', () => begun() > 0)
  reject(new Error('a file is gone'))
  expect(await asked).toBe('cut off')
  expect(await read(`${url}/now`)).toBe('now')
})
