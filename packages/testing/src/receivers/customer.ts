import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventually } from '../eventually.ts'

/** One callback as the customer heard it. */
export interface Heard {
  /** With the query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** The body parsed, undefined when it is no JSON. */
  readonly json: unknown
}

/** A status, the parts of an answer, or what to do with the connection; `'hang'` never answers. */
export type Answer =
  | number
  | 'hang'
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string | Buffer }
  | ((request: IncomingMessage, response: ServerResponse) => void)

export interface Customer {
  /** The callback base. */
  readonly url: string
  /** In the order in which they arrived, each before it is answered. */
  readonly heard: readonly Heard[]
  /** Connections made so far. */
  readonly connections: number
  /** From now on; a list is used up in its order and followed by 200. */
  answerWith(answers: readonly Answer[] | ((heard: Heard) => Answer | Promise<Answer>)): void
  /** The next `count` callbacks, counted from where the call before stopped; waits a bounded real time for them. */
  nextHeard(count: number): Promise<Heard[]>
  close(): Promise<void>
}

/** A customer's receiver on 127.0.0.1, which answers 200 unless it is told otherwise. */
export async function openCustomer(answers: Parameters<Customer['answerWith']>[0] = []): Promise<Customer> {
  const heard: Heard[] = []
  let connections = 0
  let told = 0
  let choose = chooser(answers)

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', async () => {
      const body = Buffer.concat(chunks)
      const callback = { path: request.url ?? '', headers: request.headers, body, json: parse(body) }
      heard.push(callback)
      give(await choose(callback), request, response)
    })
  })
  server.on('connection', () => connections++)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    get connections() {
      return connections
    },
    answerWith(answers) {
      choose = chooser(answers)
    },
    async nextHeard(count) {
      const from = told
      told += count
      await eventually(`callbacks ${from + 1} to ${told}`, () => heard.length >= told)
      return heard.slice(from, told)
    },
    close() {
      server.closeAllConnections()
      return new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
}

type Chooser = (heard: Heard) => Answer | Promise<Answer>

const chooser = (answers: readonly Answer[] | Chooser): Chooser => {
  if (typeof answers === 'function') return answers
  const left = [...answers]
  return () => left.shift() ?? 200
}

const give = (answer: Answer, request: IncomingMessage, response: ServerResponse): void => {
  if (answer === 'hang') return
  if (typeof answer === 'function') {
    answer(request, response)
    return
  }
  const { status, headers = {}, body = '' } = typeof answer === 'number' ? { status: answer } : answer
  response.writeHead(status, headers).end(body)
}

const parse = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}
