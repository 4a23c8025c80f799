import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { fileToTry } from '../../system/where-files-lie.ts'
import type { At } from './frame.ts'
import { movingPage } from './moving-page.ts'
import { apiPage, errorPage, homePage } from './pages.ts'
import { servedFiles } from './served-files.ts'
import { STYLE } from './style.ts'
import { TRY_FILES, TRY_POLICY, tryPage } from './try-page.ts'

/** Nothing of a page runs, and nothing comes from elsewhere. */
const POLICY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const PAGES = ['/docs', '/docs/en', '/docs/moving', '/docs/moving/en', '/docs/try', '/docs/try/en']

/** `/` and `/docs`: what people open in a browser. Each page is made once; `baseUrl` is asked when one is first wanted. */
export function docsRoutes(
  app: FastifyInstance,
  { baseUrl, hasConsole }: { readonly baseUrl: () => string; readonly hasConsole: boolean },
  noSuchRoute: (request: FastifyRequest, reply: FastifyReply) => FastifyReply,
): void {
  const pages = new Map<string, string>()
  const made = (key: string, make: () => string) => {
    const known = pages.get(key) ?? make()
    pages.set(key, known)
    return known
  }
  const at = (root: string): At => ({ root, baseUrl: baseUrl() })
  const send = (reply: FastifyReply, page: string, policy = POLICY) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', policy).send(page)

  // Links count from the slash at its end.
  app.get('/', { prefixTrailingSlash: 'slash' }, (_request, reply) =>
    send(
      reply,
      made('/', () => homePage(at('./'), hasConsole)),
    ),
  )
  app.get('/docs', (_request, reply) =>
    send(
      reply,
      made('zh', () => apiPage('chinese', at('./'))),
    ),
  )
  app.get('/docs/en', (_request, reply) =>
    send(
      reply,
      made('en', () => apiPage('english', at('../'))),
    ),
  )
  app.get('/docs/moving', (_request, reply) =>
    send(
      reply,
      made('moving zh', () => movingPage('chinese', at('../'))),
    ),
  )
  app.get('/docs/moving/en', (_request, reply) =>
    send(
      reply,
      made('moving en', () => movingPage('english', at('../../'))),
    ),
  )
  app.get('/docs/try', (_request, reply) =>
    send(
      reply,
      made('try zh', () => tryPage('chinese', at('../'))),
      TRY_POLICY,
    ),
  )
  app.get('/docs/try/en', (_request, reply) =>
    send(
      reply,
      made('try en', () => tryPage('english', at('../../'))),
      TRY_POLICY,
    ),
  )
  // As people type them; by a relative way, for a prefix may stand before it.
  for (const path of PAGES)
    app.get(`${path}/`, (_request, reply) => reply.redirect(`../${path.split('/').at(-1)!}`, 308))
  const files = servedFiles(TRY_FILES, fileToTry)
  app.get<{ Params: { file: string } }>('/docs/try/:file', (request, reply) => {
    const { file } = request.params
    return files.has(file) ? files.send(file, request, reply) : noSuchRoute(request, reply)
  })
  app.get('/docs/style.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(STYLE))
  app.get<{ Params: { endpoint: string; code: string } }>(
    '/docs/errors/:endpoint/:code',
    (request, reply) => {
      const { endpoint, code } = request.params
      const page = errorPage(endpoint, code, at('../../../'))
      return page === undefined ? noSuchRoute(request, reply) : send(reply, page)
    },
  )
}
