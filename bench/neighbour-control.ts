/**
 * The product's place in P13, taken by a raw node:http server that has nothing to do but to write the same bytes: as many lists as the
 * product answered, and refusals for the others. What a neighbour waits for here is the crowd's own doing, and the machine's.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const { origin, heavyPath, lightPath, answered } = JSON.parse(process.argv[2]!) as {
  origin: string
  heavyPath: string
  lightPath: string
  answered: number
}
const bytesOf = async (path: string) => Buffer.from(await (await fetch(origin + path)).arrayBuffer())
const light = await bytesOf(lightPath)
const pages = [await bytesOf(`${heavyPath}&current=1`), await bytesOf(`${heavyPath}&current=2`)]
const refusal = Buffer.from(
  '{"code":503,"message":"列表请求过多, 请稍后再试 (too many lists at once)","data":[]}',
)
const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }

let left = answered
const server = createServer(({ url = '' }, response) => {
  const isHeavy = url.startsWith(heavyPath)
  const isRefused = isHeavy && left-- <= 0
  const bytes = isRefused ? refusal : isHeavy ? pages[url.endsWith('=2') ? 1 : 0]! : light
  response.writeHead(isRefused ? 503 : 200, { ...headers, 'content-length': String(bytes.length) })
  response.end(bytes)
})
// Five hundred come at once.
server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () =>
  process.send?.({
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heavyPath,
    lightPath,
  }),
)
process.on('message', () => process.send?.(process.resourceUsage().maxRSS * 1024))
process.once('disconnect', () => process.exit())
process.once('SIGTERM', () => process.exit(0))
