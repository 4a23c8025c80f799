import { connect } from 'node:net'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import Fastify from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { healthRoutes } from './health.ts'

/** A request of which the gateway has read the beginning, so that it comes to its end during the stop. */
async function beginGet({ baseUrl }: House, path: string): Promise<() => Promise<string>> {
  const { hostname, port } = new URL(baseUrl)
  const socket = connect({ host: hostname, port: Number(port) })
  onTestFinished(() => void socket.destroy())
  let heard = ''
  socket.setEncoding('utf8').on('data', text => {
    heard += text
  })
  const closed = new Promise(resolve => socket.once('close', resolve))
  socket.write(`GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET ${path} HTTP/1.1\r\nHost: x\r\n`)
  await eventually('the first answer', () => heard.endsWith('}'))
  return async () => {
    heard = ''
    socket.write('\r\n')
    await closed
    return heard
  }
}

test('RDY-5 during the stop it lives and is not ready, metrics are still read, and nothing else is served', async () => {
  const house = await openHouse()
  const paths = ['/ready', '/health', '/metrics', '/room/listByMHTag', '/manage/openapi.json']
  const ends = await Promise.all(paths.map(path => beginGet(house, path)))
  const stopping = house.close()
  const [ready, health, metrics, list, manage] = await Promise.all(ends.map(end => end()))
  expect(ready).toMatch(/^HTTP\/1\.1 503 .*\{"status":"not-ready","missing":\["stopping"\]\}$/s)
  expect(health).toMatch(/^HTTP\/1\.1 200 .*\{"status":"ok"\}$/s)
  expect(metrics).toMatch(/^HTTP\/1\.1 200 .*qunhub_requests_total/s)
  expect(list).toMatch(/^HTTP\/1\.1 503 .*"code":503/s)
  // Each realm in its own words (MG-3).
  expect(manage).toMatch(/^HTTP\/1\.1 503 .*\{"ok":false,"refused":"stopping"/s)
  await stopping
})

test('RDY-6 however many ask at once, the store is asked once, and the next one asks anew', async () => {
  const app = Fastify()
  const waiting: ((missing: string[]) => void)[] = []
  const whatIsMissing = () => new Promise<string[]>(resolve => waiting.push(resolve))
  healthRoutes(app, { whatIsMissing }, () => false)
  const probe = () => app.inject('/ready')
  const asked = Promise.all([probe(), probe(), probe()])
  await eventually('the check to begin', () => waiting.length > 0)
  await app.inject('/health')
  waiting[0]!(['store'])
  expect((await asked).map(({ statusCode }) => statusCode)).toEqual([503, 503, 503])
  expect(waiting).toHaveLength(1)

  const next = probe()
  await eventually('the next check to begin', () => waiting.length > 1)
  waiting[1]!([])
  expect((await next).statusCode).toBe(200)
})
