import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TrialBody } from '../processes/outbox-process.ts'
import type { Arrival } from '../trials/judge-arrivals.ts'

/** A receiver on 127.0.0.1 which goes away, so that connections to it are refused, and comes back to the same port. */
export interface LeavingReceiver {
  readonly url: string
  /** In the order in which they came. */
  readonly arrivals: readonly (Arrival & { readonly at: number })[]
  leave(): Promise<void>
  comeBack(): Promise<void>
}

/** It takes every callback, after `beforeAnswer`. `now` stamps what arrives. */
export async function openLeavingReceiver(
  now: () => number,
  beforeAnswer: () => unknown,
): Promise<LeavingReceiver> {
  const arrivals: (Arrival & { at: number })[] = []
  let server: Server | null = null
  const listen = async (port: number): Promise<number> => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', chunk => chunks.push(chunk))
      request.on('end', async () => {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as TrialBody
        const webhookId = request.headers['webhook-id']
        arrivals.push({ ...body, webhookId, refused: false, at: now() })
        await beforeAnswer()
        response.end()
      })
    })
    await once(server.listen(port, '127.0.0.1'), 'listening')
    return (server.address() as AddressInfo).port
  }
  const port = await listen(0)

  return {
    url: `http://127.0.0.1:${port}`,
    arrivals,
    async leave() {
      const left = server
      server = null
      if (!left) return
      left.closeAllConnections()
      await new Promise(resolve => left.close(resolve))
    },
    async comeBack() {
      await listen(port)
    },
  }
}
