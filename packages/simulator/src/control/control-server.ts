import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ControlError, errorReply } from './control-error.ts'
import { readJsonBody } from './read-json-body.ts'
import { refuseStrangers } from './refuse-strangers.ts'
import { type ControlParts, ROUTES, type Route } from './routes.ts'

const REQUEST_TIMEOUT_MS = 10_000

export interface ControlServerOptions extends ControlParts {
  host: string
  port: number
}

export interface ControlServer {
  readonly url: string
  close(): Promise<void>
}

/** The control API over HTTP: JSON in, JSON out, on loopback. */
export async function openControlServer({
  host,
  port,
  ...parts
}: ControlServerOptions): Promise<ControlServer> {
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
    (request, response) => {
      answer(request, response, parts)
    },
  )
  // Who shuts his side with his request still reads (nc -N); Node's types do not know it.
  Object.assign(server, { httpAllowHalfOpen: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  parts: ControlParts,
): Promise<void> {
  try {
    refuseStrangers(request.headers)
    const { route, ids } = findRoute(request)
    const reply = route.run(await readJsonBody(request), ids, parts)
    await parts.saving()
    send(response, 200, reply)
  } catch (error) {
    const known = errorReply(error)
    // A caller that hung up while we were reading needs no answer; anything else unknown is ours to see.
    const hungUp = request.destroyed && !request.complete
    if (known) send(response, known.status, known.body, known.headers)
    else if (!hungUp) {
      parts.log(`control API: ${error instanceof Error ? error.stack : String(error)}`)
      send(response, 500, { error: '模拟器内部错误 (simulator error)' })
    }
  }
}

function findRoute(request: IncomingMessage): { route: Route; ids: string[] } {
  const [given = '/'] = (request.url ?? '/').split('?')
  // A base URL that is configured with a slash at its end makes `//world`.
  const path = given.replaceAll(/\/{2,}/g, '/')
  // RFC 9110, 9.3.2: HEAD is GET without the content, which Node leaves out by itself.
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const onPath = ROUTES.flatMap(route => {
    const ids = idsIn(route.path, path)
    return ids ? [{ route, ids }] : []
  })
  const found = onPath.find(({ route }) => route.method === method)
  if (found) return found
  if (onPath.length === 0) throw new ControlError(404, `没有这个接口 (no such route): ${path}`)

  const allow = onPath
    .flatMap(({ route }) => (route.method === 'GET' ? ['GET', 'HEAD'] : route.method))
    .join(', ')
  throw new ControlError(405, `此接口只接受 ${allow} (method not allowed)`, { allow })
}

/** The ids in the segments that the pattern marks with a colon; null when the path does not fit. */
function idsIn(pattern: string, path: string): string[] | null {
  const wanted = pattern.split('/')
  const segments = path.split('/')
  if (wanted.length !== segments.length) return null

  const ids: string[] = []
  for (const [at, segment] of segments.entries()) {
    if (wanted[at]?.startsWith(':')) ids.push(decode(segment))
    else if (wanted[at] !== segment) return null
  }
  return ids
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new ControlError(400, `path: 编码有误 (malformed percent-encoding): ${segment}`)
  }
}

function send(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  if (response.destroyed) return
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
  response.end(JSON.stringify(body))
}
