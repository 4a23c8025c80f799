import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const POLL_EVERY_MS = 50

/** A load balancer as small as can be: in turn to whoever was ready at the last poll, over kept connections, never twice. */
export interface Balancer {
  readonly baseUrl: string
  close(): Promise<void>
}

/** Resolves once every node was found ready. */
export async function openBalancer(nodes: readonly string[]): Promise<Balancer> {
  const agent = new Agent({ keepAlive: true })
  const ready = new Set<string>()
  let isOver = false
  let next = 0

  const isReady = (node: string) =>
    new Promise<boolean>(done => {
      const asked = request(`${node}/ready`, { timeout: 2000 }, answer => {
        answer.resume()
        done(answer.statusCode === 200)
      })
      asked.on('timeout', () => asked.destroy()).on('error', () => done(false))
      asked.end()
    })
  const poll = async (node: string) => {
    if (isOver) return
    if (await isReady(node)) ready.add(node)
    else ready.delete(node)
    setTimeout(poll, POLL_EVERY_MS, node)
  }

  const pass = (asked: IncomingMessage, answer: ServerResponse) => {
    const able = nodes.filter(node => ready.has(node))
    const node = able[next++ % able.length]
    if (!node) return void answer.writeHead(503).end('nobody is ready')
    const onward = request(
      node + asked.url,
      { agent, method: asked.method, headers: asked.headers },
      heard => {
        // How it is packed belongs to it; how it came over the wire does not.
        const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...headers } = heard.headers
        answer.writeHead(heard.statusCode!, headers)
        heard.pipe(answer)
        heard.on('error', () => answer.destroy())
      },
    )
    onward.on('error', failure => answer.writeHead(502).end(`${node}: ${failure.message}`))
    asked.pipe(onward)
  }

  const server = createServer(pass)
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  await Promise.all(nodes.map(poll))
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      isOver = true
      agent.destroy()
      server.closeAllConnections()
      await new Promise(done => server.close(done))
    },
  }
}
