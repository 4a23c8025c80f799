import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { callbacks, testCallback } from '@qunhub/wire'
import { plainText } from '../show/column-width.ts'

/** A callback is at most a room of 500 members; nothing larger is ours. */
const BODY_BYTES_MAX = 4 * 1024 * 1024

export interface DemoReceiver {
  readonly url: string
  close(): Promise<void>
}

/** Stands in for the customer: hears every callback, says 200, and tells what it heard in one line. */
export async function openDemoReceiver(tell: (line: string) => void): Promise<DemoReceiver> {
  const server = createServer((request, response) => {
    // A callback that breaks off, at the courier's deadline for instance, must not take the whole demo with it.
    hear(request, response, tell).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function hear(
  request: IncomingMessage,
  response: ServerResponse,
  tell: (line: string) => void,
): Promise<void> {
  const body = await readBody(request)
  const heard = body === null ? null : describe(request.url ?? '', body)
  if (heard === null) {
    response.writeHead(400).end()
    return
  }
  tell(heard)
  response.writeHead(200).end('ok')
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > BODY_BYTES_MAX) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** For the terminal, so strangers' text is made harmless. */
function describe(path: string, body: string): string | null {
  if (path.endsWith(testCallback.path)) {
    const test = testCallback.body.safeParse(parse(body)).data
    return test ? plainText(`← ${testCallback.kind}  ${test.message}`) : null
  }
  const callback = callbacks.find(({ path: own }) => path.endsWith(own))
  const read = callback?.body.safeParse(parse(body))
  if (!callback || !read?.success) return null
  const { topic, botInfo, chatId } = read.data
  const people = 'members' in read.data ? `${read.data.members.length} 人  ` : ''
  return plainText(`← ${callback.kind}  ${topic}  ${people}bot ${botInfo.nickName}  chatId ${chatId}`)
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (failure) {
    if (failure instanceof SyntaxError) return undefined
    throw failure
  }
}
