/**
 * A start does not wait for what hardly anybody asks first (P10). What the app at the port has no route for is answered by a second
 * one behind the same port, which is read and put together {@link LATER_MS} after the first, or with the first request for it, which waits.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance, HTTPMethods } from 'fastify'
import { SECOND_MS } from '../../system/clock.ts'
import type { Log } from '../../system/log.ts'
import { withSingleSlashes } from '../create-app.ts'

const LATER_MS = SECOND_MS

type Listener = (request: IncomingMessage, response: ServerResponse) => void

/** `onLeft` hears of each whose caller was gone before anybody could answer, and how long he had waited; nobody else hears of it. */
export function answerLater(
  app: FastifyInstance,
  { log, onLeft }: { readonly log: Log; readonly onLeft: (ms: number) => void },
  assemble: () => Promise<FastifyInstance>,
): { stop(): void } {
  let made: Promise<FastifyInstance> | undefined
  const later = () => {
    made ??= assemble().then(async other => {
      await other.ready()
      return other
    })
    return made
  }
  const tell = (err: unknown) => log.error({ err }, 'what answers operators could not be read')
  const begin = setTimeout(() => later().catch(tell), LATER_MS).unref()

  const [answerNow] = app.server.listeners('request') as [Listener]
  app.server.removeAllListeners('request')
  app.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const [method, url] = [request.method as HTTPMethods, withSingleSlashes(request.url ?? '/')]
    if (app.findRoute({ method, url })) return answerNow(request, response)
    const cameAt = performance.now()
    later()
      .then(other =>
        response.destroyed ? onLeft(performance.now() - cameAt) : other.routing(request, response),
      )
      .catch(err => {
        tell(err)
        response.destroy()
      })
  })
  return { stop: () => clearTimeout(begin) }
}
