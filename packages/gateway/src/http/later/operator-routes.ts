/** Everything at the customers' port but the page and the probes: the management API, the console, and documents. */
import {
  CONSOLE_API_PATH,
  consoleOpenApi,
  type ExampleRequests,
  managementOpenApi,
  openApi,
} from '@qunhub/wire'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { VERSION } from '../../version.ts'
import { type ConsoleDeps, consoleRoutes } from '../console/console-routes.ts'
import { type PageDeps, pageRoutes } from '../console/page-routes.ts'
import type { ServerSettings } from '../create-app.ts'
import { docsRoutes } from '../docs/docs-routes.ts'
import { type ManagementDeps, managementRoutes } from '../management-routes.ts'
import { noSuchRoute } from '../server-answer.ts'

export interface OperatorRouteDeps extends ManagementDeps, ConsoleDeps, PageDeps {
  /** For the document, in the demo: with ids that there are, once it knows them. */
  readonly exampleRequests?: (() => ExampleRequests | undefined) | undefined
}

export function operatorRoutes(
  app: FastifyInstance,
  settings: ServerSettings & { readonly url: () => string },
  deps: OperatorRouteDeps,
  answerUnknown: (request: FastifyRequest, reply: FastifyReply) => FastifyReply,
): void {
  const { basePath, hasConsole, publicUrl, url } = settings
  const { exampleRequests } = deps
  managementRoutes(app, deps)
  if (hasConsole) {
    consoleRoutes(app, settings, deps)
    pageRoutes(app, deps, answerUnknown)
  }
  docsRoutes(app, { baseUrl: () => publicUrl ?? url(), hasConsole }, (request, reply) =>
    noSuchRoute(request, reply, basePath),
  )

  /**
   * Behind a proxy the gateway's own URL is nobody else's, so a document says a path, which counts from where it was found. The demo
   * stands behind none, and programs that import a file know no such place.
   */
  const server = () => publicUrl ?? (exampleRequests ? url() : basePath || '/')
  /** Rendered anew only when there are other examples: anybody may ask for it, as often as he likes. */
  const document = (path: string, describe: (examples: ExampleRequests | undefined) => object): void => {
    let last: { readonly examples: ExampleRequests | undefined; readonly bytes: Buffer } | undefined
    app.get(path, async (_request, reply) => {
      const examples = exampleRequests?.()
      if (!last || last.examples !== examples)
        last = { examples, bytes: Buffer.from(JSON.stringify(describe(examples))) }
      return reply.type('application/json; charset=utf-8').send(last.bytes)
    })
  }
  document('/openapi.json', examples =>
    openApi({ server: server(), version: VERSION, ...(examples && { examples }) }),
  )
  document('/manage/openapi.json', () => managementOpenApi(server(), VERSION))
  if (hasConsole) document(`${CONSOLE_API_PATH}/openapi.json`, () => consoleOpenApi(server(), VERSION))
}
