import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { acceptedEncodings } from '../accepted-encodings.ts'
import { hasIt } from '../lists/entity-tag.ts'

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
}

interface File {
  readonly etag: string
  readonly plain: Buffer
  readonly packed: Buffer
}

const pack = promisify(gzip)

/** Files that browsers fetch, read and packed when they are first wanted. A browser keeps them, and asks each time if they changed. */
export function servedFiles(names: readonly string[], pathOf: (name: string) => string) {
  const read = new Map<string, Promise<File>>()
  return {
    has: (name: string): boolean => names.includes(name),
    async send(name: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
      if (!read.has(name)) read.set(name, readPacked(pathOf(name)))
      const { etag, plain, packed } = await read.get(name)!
      reply.header('cache-control', 'no-cache').header('etag', etag).header('vary', 'accept-encoding')
      if (hasIt(request.headers['if-none-match'], etag)) return reply.code(304).send()
      reply.type(TYPES[name.split('.').at(-1)!]!)
      const takesGzip = acceptedEncodings(request.headers['accept-encoding']).has('gzip')
      return takesGzip ? reply.header('content-encoding', 'gzip').send(packed) : reply.send(plain)
    },
  }
}

async function readPacked(path: string): Promise<File> {
  const plain = await readFile(path)
  const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`
  return { etag, plain, packed: await pack(plain) }
}
