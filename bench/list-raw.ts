/** The limit of P1: node:http writing the same bytes from one Buffer, with the same headers. `list-raw.ts <url>`. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { reportCpu } from './report-cpu.ts'

const url = process.argv[2]!
const sample = await fetch(url)
const bytes = Buffer.from(await sample.text())
const headers = {
  'content-type': sample.headers.get('content-type')!,
  'content-length': String(bytes.length),
  'cache-control': 'no-store',
}
const server = createServer((_request, response) => {
  response.writeHead(200, headers)
  response.end(bytes)
})
server.listen(0, '127.0.0.1', () => {
  const { pathname, search } = new URL(url)
  process.send?.({
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    path: pathname + search,
  })
  reportCpu()
})
