/** The console as a browser loads it: its files, and at every other path below `/console/` its one page. */
import { CONSOLE_PATH } from '@qunhub/wire'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../system/clock.ts'
import type { Log } from '../../system/log.ts'
import type { Random } from '../../system/random.ts'
import { acceptedEncodings } from '../accepted-encodings.ts'
import { type BuiltFile, createBuiltFiles } from './built-files.ts'

const NONCE_BYTES = 16
const IMMUTABLE = 'public, max-age=31536000, immutable'
const FOR_AN_HOUR = 'public, max-age=3600'
/** Whoever looks at it meanwhile sees it come. */
const LOOK_AGAIN_SECONDS = 2

export interface PageDeps {
  /** Where the console is built. */
  readonly consoleFolder: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

type AnswerUnknown = (request: FastifyRequest, reply: FastifyReply) => FastifyReply

export function pageRoutes(app: FastifyInstance, deps: PageDeps, answerUnknown: AnswerUnknown): void {
  const built = createBuiltFiles(deps.consoleFolder, deps)

  // Relative, for a proxy may know us under another path.
  app.get(CONSOLE_PATH, (_request, reply) => reply.code(308).header('location', 'console/').send())

  app.get<{ Params: { '*': string } }>(`${CONSOLE_PATH}/*`, async (request, reply) => {
    const path = request.params['*']
    if (path === 'api' || path.startsWith('api/')) return answerUnknown(request, reply)
    const file = await built.file(path)
    if (file) return sendFile(request, reply, file)
    // A part of a build that is no more: a page instead of it would be run as a script.
    if (path.startsWith('assets/'))
      return reply.code(404).type('text/plain; charset=utf-8').send('没有这个文件 (no such file)')
    const page = await built.page()
    return page === undefined ? sendNotBuilt(reply) : sendPage(request, reply, page, deps.random)
  })
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: BuiltFile): FastifyReply {
  const accepted = acceptedEncodings(request.headers['accept-encoding'])
  const encoding = (['br', 'gzip'] as const).find(name => file[name] && accepted.has(name))
  reply
    .type(file.type)
    .header('cache-control', file.isImmutable ? IMMUTABLE : FOR_AN_HOUR)
    .header('vary', 'accept-encoding')
    .header('cross-origin-resource-policy', 'same-origin')
  if (encoding) reply.header('content-encoding', encoding)
  return reply.send(encoding ? file[encoding] : file.plain)
}

function sendPage(request: FastifyRequest, reply: FastifyReply, page: string, random: Random): FastifyReply {
  const nonce = random.bytes(NONCE_BYTES).toString('base64')
  return reply
    .type('text/html; charset=utf-8')
    .headers(pageHeaders(policyWith(nonce)))
    .send(page.replaceAll('__CSP_NONCE__', nonce).replaceAll('"./', `"${wayToRoot(request.originalUrl)}`))
}

/** From wherever the page answers to where its files are, whatever stands before `/console/`. */
function wayToRoot(url: string): string {
  const path = url.split('?', 1)[0]!
  const behind = path.slice(path.indexOf(`${CONSOLE_PATH}/`) + CONSOLE_PATH.length + 1)
  return '../'.repeat(behind.split('/').length - 1) || './'
}

const policyWith = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ')

const pageHeaders = (policy: string): Record<string, string> => ({
  'content-security-policy': policy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
})

function sendNotBuilt(reply: FastifyReply): FastifyReply {
  return reply
    .code(503)
    .type('text/html; charset=utf-8')
    .headers({
      ...pageHeaders("default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
      'retry-after': String(LOOK_AGAIN_SECONDS),
      refresh: String(LOOK_AGAIN_SECONDS),
    })
    .send(NOT_BUILT)
}

const NOT_BUILT = `<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><title>群枢 Qunhub</title>
<p>控制台正在构建, 几秒后会自动打开; 若一直如此, 请在项目目录运行 <code>npm run build -w @qunhub/console</code> 并看看日志。</p>
<p lang="en">The console is being built and opens by itself in some seconds; where it does not, run <code>npm run build -w @qunhub/console</code> in the project and look at the log.</p>
</html>
`
