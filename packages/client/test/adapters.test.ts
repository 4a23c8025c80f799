import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import 'reflect-metadata'
import { serve } from '@hono/node-server'
import { Controller, Module, Post, Req, Res } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import express from 'express'
import express4 from 'express4'
import { type FastifyInstance, fastify } from 'fastify'
import { Hono } from 'hono'
import { describe, expect, onTestFinished, test } from 'vitest'
import { toFastify } from '../src/receiver/fastify.ts'
import { toHono } from '../src/receiver/hono.ts'
import { createReceiver, type Receiver } from '../src/receiver/index.ts'
import { type NodeRequest, type NodeResponse, toNode } from '../src/receiver/node.ts'
import { postFake, signFake } from '../src/testing/index.ts'
import { JOINED, secretOf } from './callback-samples.ts'

const SECRET = secretOf(4)

/** A receiver that keeps the topics it hears of. */
function listening(): { receiver: Receiver; topics: string[] } {
  const topics: string[] = []
  const receiver = createReceiver({ secrets: SECRET, onError: () => {} })
  receiver.on('chatroom/joined', ({ body }) => void topics.push(body.topic))
  return { receiver, topics }
}

/** The URL of a server that ends with the test. */
async function listen(server: Server): Promise<string> {
  if (!server.listening) await new Promise<void>(up => server.listen(0, '127.0.0.1', up))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise(closed => server.close(closed))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const serving = (listener: unknown) => listen(createServer(listener as RequestListener))

/** Of a room of 500: more than the 100 KB that body parsers take by default. */
const LARGE = { ...JOINED, avatarUrl: `https://wx.example/${'1'.repeat(150_000)}` }

/** Posts a large callback that is right, then one that is not, and says what each was answered. */
async function tryOut(url: string): Promise<{ status: number; text: string; forged: number }> {
  const answer = await postFake(`${url}/callbacks`, 'chatroom/joined', LARGE, SECRET)
  const forged = await postFake(`${url}/callbacks`, 'chatroom/joined', JOINED, secretOf(5))
  return { status: answer.status, text: await answer.text(), forged: forged.status }
}

const ACCEPTED = { status: 204, text: '', forged: 401 }
/** Nothing can be checked, so both are answered so that they come again. */
const eaten = (words: RegExp) => ({ status: 500, text: expect.stringMatching(words), forged: 500 })

/** That the application's own routes still get what they are used to. */
async function echo(url: string): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  return (await fetch(`${url}/echo`, { method: 'POST', headers, body: '{"a":1}' })).json()
}

test('RC-14 node:http: the receiver is the server', async () => {
  const { receiver, topics } = listening()
  const url = await serving(toNode(receiver))
  expect(await tryOut(url)).toEqual(ACCEPTED)
  expect(topics).toEqual([JOINED.topic])
  expect((await fetch(`${url}/callbacks/chatroom/joined`)).status).toBe(405)
  const fake = await signFake('chatroom/joined', JOINED, SECRET)
  const large = { method: 'POST', headers: fake.headers, body: 'x'.repeat(5 * 1024 * 1024) }
  const answer = await fetch(url + fake.path, large).catch(() => undefined)
  // It may be closed on before it has sent all of that.
  expect([413, undefined]).toContain(answer?.status)
})

describe.each([
  ['Express 4', express4],
  ['Express 5', express],
])('%s', (name, framework) => {
  const mounted = async (mount: (app: express.Express, receiver: Receiver) => unknown) => {
    const { receiver, topics } = listening()
    const app = framework()
    mount(app, receiver)
    app.post('/echo', (request, response) => void response.json(request.body))
    const url = await serving(app)
    return { url, tried: await tryOut(url), topics }
  }

  test(`RC-15 ${name}: mounted before a body parser it reads for itself, and the parser serves the rest`, async () => {
    const { url, tried, topics } = await mounted((app, receiver) => {
      app.use('/callbacks', toNode(receiver))
      app.use(framework.json())
    })
    expect(tried).toEqual(ACCEPTED)
    expect(topics).toEqual([JOINED.topic])
    expect(await echo(url)).toEqual({ a: 1 })
  })

  test(`RC-13 ${name}: behind a body parser it says what to mount where, and does not hang`, async () => {
    const { tried, topics } = await mounted((app, receiver) => {
      app.use(framework.json({ limit: '4mb' }))
      app.use('/callbacks', toNode(receiver))
    })
    expect(tried).toEqual(
      eaten(/写在 app\.use\(express\.json\(\)\) 之前.*before app\.use\(express\.json\(\)\)/),
    )
    expect(topics).toEqual([])
  })

  test(`RC-15 ${name}: behind a parser that keeps the bytes, or is of bytes or text, it takes those`, async () => {
    const verify = (request: object, _response: unknown, raw: Buffer) =>
      void Object.assign(request, { rawBody: raw })
    for (const parser of [
      framework.json({ limit: '4mb', verify }),
      framework.raw({ limit: '4mb', type: '*/*' }),
      framework.text({ limit: '4mb', type: '*/*' }),
      // One that looks at other types only leaves `{}` in Express 4, and the stream as it was.
      framework.json({ type: 'application/xml' }),
    ]) {
      const { tried } = await mounted((app, receiver) => {
        app.use(parser)
        app.post('/callbacks/chatroom/joined', toNode(receiver))
      })
      expect(tried).toEqual(ACCEPTED)
    }
  })
})

test('RC-14 a request that somebody has answered already is left alone', async () => {
  const { receiver, topics } = listening()
  const app = express4()
  app.use((_request, response, next) => {
    response.status(408).end()
    next()
  })
  app.use('/callbacks', toNode(receiver))
  expect((await tryOut(await serving(app))).status).toBe(408)
  expect(topics).toEqual([JOINED.topic])
})

describe('Fastify', () => {
  const mounted = async (mount: (app: FastifyInstance, receiver: Receiver) => unknown) => {
    const { receiver, topics } = listening()
    const app = fastify()
    mount(app, receiver)
    app.post('/echo', async ({ body }) => body)
    onTestFinished(() => app.close())
    const url = await app.listen({ port: 0 })
    return { url, tried: await tryOut(url), topics }
  }
  const ownParser = (app: FastifyInstance) =>
    app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
      done(null, { own: JSON.parse(String(body)) }),
    )

  test('RC-16 Fastify: its parsers, and those of the application before and behind it, stay outside', async () => {
    const plain = await mounted((app, receiver) =>
      app.register(toFastify(receiver), { prefix: '/callbacks' }),
    )
    expect(plain.tried).toEqual(ACCEPTED)
    expect(plain.topics).toEqual([JOINED.topic])
    expect(await echo(plain.url)).toEqual({ a: 1 })
    for (const isBefore of [true, false]) {
      const { url, tried } = await mounted((app, receiver) => {
        if (isBefore) ownParser(app)
        app.register(toFastify(receiver), { prefix: '/callbacks' })
        if (!isBefore) ownParser(app)
      })
      expect(tried).toEqual(ACCEPTED)
      expect(await echo(url)).toEqual({ own: { a: 1 } })
    }
  })

  test('RC-16 Fastify: a hook that puts another stream in its place is read, one that only eats is told of', async () => {
    const passed = await mounted((app, receiver) => {
      app.addHook('preParsing', async (_request, _reply, stream) => stream.pipe(new PassThrough()))
      app.register(toFastify(receiver), { prefix: '/callbacks' })
    })
    expect(passed.tried).toEqual(ACCEPTED)
    const { tried } = await mounted((app, receiver) => {
      app.addHook('preParsing', async ({ raw }) => {
        for await (const _ of raw);
      })
      app.register(toFastify(receiver), { prefix: '/callbacks' })
    })
    expect(tried).toEqual(eaten(/请求体已被解析/))
  })
})

describe('Nest', () => {
  const started = async (
    options: { rawBody?: boolean },
    mount: (app: NestExpressApplication) => unknown,
    controllers: never[],
  ) => {
    class App {}
    Module({ controllers })(App)
    const app = await NestFactory.create<NestExpressApplication>(App, { logger: false, ...options })
    mount(app)
    await app.init()
    return listen(app.getHttpServer() as Server)
  }
  /** What `@Controller('callbacks')`, `@Post('*kind')`, `@Req()` and `@Res()` make of a class. */
  const controllerOf = (receiver: Receiver) => {
    class Callbacks {
      take(request: NodeRequest, response: NodeResponse) {
        return toNode(receiver)(request, response)
      }
    }
    Controller('callbacks')(Callbacks)
    Req()(Callbacks.prototype, 'take', 0)
    Res()(Callbacks.prototype, 'take', 1)
    Post('*kind')(Callbacks.prototype, 'take', Object.getOwnPropertyDescriptor(Callbacks.prototype, 'take')!)
    return [Callbacks] as never[]
  }

  test('RC-17 Nest: used before the application starts it stands before the parser', async () => {
    const { receiver, topics } = listening()
    const url = await started({}, app => app.use('/callbacks', toNode(receiver)), [])
    expect(await tryOut(url)).toEqual(ACCEPTED)
    expect(topics).toEqual([JOINED.topic])
  })

  test('RC-17 Nest: in a controller it stands behind the parser, and needs rawBody and a limit', async () => {
    const { receiver } = listening()
    const limited = (app: NestExpressApplication) => app.useBodyParser('json', { limit: '4mb' })
    const url = await started({ rawBody: true }, limited, controllerOf(receiver))
    expect(await tryOut(url)).toEqual(ACCEPTED)
    const without = await started({}, limited, controllerOf(receiver))
    expect(await tryOut(without)).toEqual(eaten(/rawBody: true/))
  })
})

describe('Hono', () => {
  const mounted = async (mount: (app: Hono, receiver: Receiver) => unknown) => {
    const { receiver, topics } = listening()
    const app = new Hono()
    mount(app, receiver)
    const url = await listen(serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server)
    return { tried: await tryOut(url), topics }
  }

  test('RC-18 Hono: before whatever reads, and behind what reads through Hono, it has the bytes', async () => {
    const plain = await mounted((app, receiver) => app.post('/callbacks/*', toHono(receiver)))
    expect(plain.tried).toEqual(ACCEPTED)
    expect(plain.topics).toEqual([JOINED.topic])
    for (const form of ['json', 'text', 'arrayBuffer'] as const) {
      const { tried } = await mounted((app, receiver) => {
        app.use(async (context, next) => {
          await context.req[form]()
          await next()
        })
        app.post('/callbacks/*', toHono(receiver))
      })
      expect(tried).toEqual(ACCEPTED)
    }
  })

  test('RC-13 Hono: behind whoever took the body from under it, it says so', async () => {
    const { tried } = await mounted((app, receiver) => {
      app.use(async (context, next) => {
        await context.req.raw.text()
        await next()
      })
      app.post('/callbacks/*', toHono(receiver))
    })
    expect(tried).toEqual(eaten(/请求体已被解析/))
  })
})
