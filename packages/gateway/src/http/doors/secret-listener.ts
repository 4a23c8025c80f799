/**
 * A listener that opens for whoever knows its secret: what the operator's door and the door between nodes stand on. Strangers
 * cannot keep it shut (`door-strangers.ts`), the secret is compared in constant time, of a body no more is read than may be
 * there, and whoever is inside is known, so that a door that closes can have a last word with him. Who is let in, what he may
 * ask and how he is answered each door says itself.
 */
import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SECOND_MS } from '../../system/clock.ts'
import { strangersHurry, watchStrangers } from './door-strangers.ts'

const REQUEST_TIMEOUT_MS = 20 * SECOND_MS

export interface SecretListener {
  readonly port: number
  /** Requests whose answer has not gone out whole. */
  readonly inside: ReadonlyMap<ServerResponse, IncomingMessage>
  /** Nobody new comes in; resolves when the last connection has ended. */
  close(): Promise<void>
  /** Ends every connection that is left. */
  cut(): void
}

export interface ListenerSettings {
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
  readonly secret: string
  /** Connections on which the secret was shown, at most. */
  readonly knownMax: number
}

/** What a door does with a request. It has an answer for everything, and throws nothing. */
export type Serve = (request: IncomingMessage, response: ServerResponse, showsSecret: boolean) => void

/** Rejects when the address is taken, or is none of this machine. */
export async function listenBehindSecret(
  { host, port, secret, knownMax }: ListenerSettings,
  serve: Serve,
): Promise<SecretListener> {
  const expected = Buffer.from(`Bearer ${secret}`)
  const inside = new Map<ServerResponse, IncomingMessage>()
  let isClosing = false
  const server = createServer(
    { ...strangersHurry, requestTimeout: REQUEST_TIMEOUT_MS },
    (request, response) => {
      const showsSecret = isSame(request.headers.authorization, expected)
      if (showsSecret) strangers.recognise(request.socket)
      inside.set(response, request)
      response.once('close', () => inside.delete(response))
      if (isClosing) response.setHeader('connection', 'close')
      serve(request, response, showsSecret)
    },
  )
  const strangers = watchStrangers(server, { knownMax })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    inside,
    close() {
      isClosing = true
      for (const response of inside.keys())
        if (!response.headersSent) response.setHeader('connection', 'close')
      return new Promise(resolve => server.close(() => resolve()))
    },
    cut: () => server.closeAllConnections(),
  }
}

/** In constant time, so that the secret cannot be found byte by byte. */
function isSame(authorization: string | undefined, expected: Buffer): boolean {
  const given = Buffer.from(authorization ?? '')
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** Beyond the bound nothing is kept of it: what any request holds is far below it. */
export function readWhole(
  request: IncomingMessage,
  bytesMax: number,
): Promise<Buffer | 'too-large' | 'broken-off'> {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) return Promise.resolve('too-large')
  const chunks: Buffer[] = []
  let bytes = 0
  return new Promise(resolve => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= bytesMax) chunks.push(chunk)
      else resolve('too-large')
    })
    request.once('end', () => resolve(Buffer.concat(chunks)))
    request.once('error', () => resolve('broken-off'))
    request.once('close', () => resolve('broken-off'))
  })
}
