/**
 * The operator's door: how the CLI reaches the gateway that works in its data directory. It opens once the gateway runs and
 * closes before the gateway stops. It listens on loopback only, on a port of its own, never on the API's; where it is
 * and the secret that opens it stand in a note that only the owner of the data directory can read. The secret is new at
 * every start and dies with the gateway.
 *
 * Browsers are kept out altogether (any `Origin` is refused, and any `Host` but this machine's own names, which is how a
 * page comes in whose name was pointed here): a page must not be able to reach it, whatever it knows. Nor can others of
 * this machine keep the owner out by holding connections (`door-strangers.ts`).
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { OperatorReply } from '@qunhub/wire'
import { MACHINE } from '../../operator/audit.ts'
import { leaveDoorNote, removeDoorNote } from '../../operator/door-note.ts'
import { MALFORMED, type VerbDeps } from '../../operator/verb.ts'
import { StoreAway, StoreUnwritable } from '../../store/database/store-error.ts'
import { SECOND_MS, sleep } from '../../system/clock.ts'
import { openDirectory } from '../../system/directory-identity.ts'
import type { Log } from '../../system/log.ts'
import { LATER_MS } from '../later/answer-later.ts'
import { loadVerbDoor } from './load-verb-door.ts'
import { listenBehindSecret, readWhole, type SecretListener } from './secret-listener.ts'

const STORE_AWAY =
  '数据库此刻连不上或没有及时回答, 请检查数据库后重试; 若是改动, 先用 list 命令确认是否已执行 / the database cannot be reached at this moment, or did not answer in time: look after it and try again; if something was to be changed, look with a list command first whether it was'
const STORE_UNWRITABLE =
  '数据库此刻不能写入 (只读、磁盘已满、文件不在了或被别的程序锁住), 改动没有保存: 处理后重试, 原因见网关日志 / the database takes no writes at this moment (it is read-only or locked, its disk is full, or its files are gone), and nothing was kept: mend that and try again; the log of the gateway says why'
const SECRET_BYTES = 32
const BODY_BYTES_MAX = 256 * 1024
const CONNECTIONS_MAX = 32
/** What a client on this machine calls it; a page's own name may be pointed here too, and then that stands in `Host`. */
const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i
/** What is still being answered when the door closes may finish within this time; then it is told that we stop. */
const CLOSE_WAIT_MAX_MS = 2 * SECOND_MS
const LAST_WORD_MAX_MS = 200

export interface OperatorDoor {
  readonly url: string
  /** Takes the note away first, so that nobody new comes, then lets those inside finish. Never rejects for them. */
  close(): Promise<void>
}

interface Behind {
  readonly deps: VerbDeps
  readonly log: Log
  /** For tests. */
  readonly load?: typeof loadVerbDoor
}

export async function openOperatorDoor(
  given: Behind & { readonly dataDir: string; readonly callbackAllowCidrs?: readonly string[] },
): Promise<OperatorDoor> {
  const { dataDir, deps, log, callbackAllowCidrs = [], load = loadVerbDoor } = given
  const secret = deps.random.bytes(SECRET_BYTES).toString('base64url')
  const directory = await openDirectory(dataDir)
  const listener = await listenBehindSecret(
    { host: '127.0.0.1', port: 0, secret, knownMax: CONNECTIONS_MAX },
    async (request, response, showsSecret) => {
      const answered = await answer(request, showsSecret, given)
      // What is left of a refused body is read and dropped, so that the client gets to see the answer.
      request.resume()
      say(response, answered)
    },
  )
  const { port } = listener
  try {
    const at = { port, secret, pid: process.pid, directory: directory.identity }
    await leaveDoorNote(dataDir, { ...at, callbackAllowCidrs: [...callbackAllowCidrs] })
  } catch (failure) {
    listener.close()
    await directory.release()
    throw failure
  }
  // Behind the start (P10), and before its file may be gone: an update puts others in the place of what runs.
  const callOff = deps.clock.after(LATER_MS, () => {
    load().catch(err =>
      log.warn({ err }, 'what operators ask could not be read; the next request tries again'),
    )
  })
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      callOff()
      await removeDoorNote(dataDir, secret)
      await directory.release()
      listener.close()
      await waitForAll(listener, CLOSE_WAIT_MAX_MS, deps)
      for (const response of listener.inside.keys()) say(response, no(503, 'stopping', STOPPING))
      await waitForAll(listener, LAST_WORD_MAX_MS, deps)
      listener.cut()
    },
  }
}

/** What one request gets. Refusals of a verb are an answer (200); everything else here is about the request itself. */
interface Answer {
  readonly status: number
  readonly reply: OperatorReply
}

/** Once: where the door has said already that it closes, nothing more is said. */
function say(response: ServerResponse, { status, reply }: Answer): void {
  if (response.headersSent) return
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    ...(status === 405 ? { allow: 'POST' } : {}),
    ...(status === 401 || status === 403 || status === 503 ? { connection: 'close' } : {}),
  })
  response.end(JSON.stringify(reply))
}

const STOPPING =
  '网关正在停止, 未能等到结果, 请用 list 命令确认 / the gateway is stopping and could not wait for the outcome: look with a list command'

async function answer(request: IncomingMessage, showsSecret: boolean, behind: Behind): Promise<Answer> {
  if (request.headers.origin !== undefined || !LOOPBACK_HOST.test(request.headers.host ?? ''))
    return no(403, 'browser', '浏览器不得访问 / browsers are not served here')
  if (!showsSecret) return no(401, 'secret-wrong', '密钥不正确 / wrong secret')
  if (request.method !== 'POST') return no(405, 'method', '只接受 POST / POST only')
  const verb = /^\/operator\/([a-z-]+)$/.exec(request.url ?? '')?.[1]
  try {
    return await carryOut(request, verb, behind)
  } catch (err) {
    const { deps, log } = behind
    if (err instanceof StoreAway) {
      log.warn({ verb, err }, 'an operator request found the database away')
      return no(503, 'store-away', err instanceof StoreUnwritable ? STORE_UNWRITABLE : STORE_AWAY)
    }
    // The last resort: whatever a verb did not name is for the log, and its number for the operator.
    const id = deps.random.bytes(6).toString('hex')
    log.error({ verb, id, err }, 'an operator request failed')
    return no(
      500,
      'gateway-failed',
      `网关内部错误, 详见网关日志 ${id} / the gateway failed; see ${id} in its log`,
    )
  }
}

async function carryOut(
  request: IncomingMessage,
  name: string | undefined,
  { deps, log, load = loadVerbDoor }: Behind,
): Promise<Answer> {
  const { answerVerb, verbFor } = await load()
  const admitted = verbFor({ realm: 'machine' }, name)
  if (!admitted) {
    return no(
      404,
      'verb-unknown',
      '没有这个操作, CLI 与网关的版本可能不同 / no such verb: are the CLI and the gateway of one version?',
    )
  }

  const body = await readWhole(request, BODY_BYTES_MAX)
  // Of one that breaks off nobody waits for the answer.
  if (typeof body === 'string') return no(413, 'too-large', '请求体超过 256 KiB / the body exceeds 256 KiB')
  const input = parseJson(body.toString('utf8'))
  if (input === undefined) return no(400, MALFORMED, '请求体: 应为 JSON 对象 (expected a JSON object)')

  const answered = await answerVerb(admitted, input, deps, MACHINE)
  const { reply } = answered
  log.info({ verb: admitted.verb, outcome: reply.ok ? 'done' : reply.refused }, 'operator asked')
  return answered
}

const no = (status: number, refused: string, message: string): Answer => ({
  status,
  reply: { ok: false, refused, message },
})

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body) as unknown
  } catch (failure) {
    if (failure instanceof SyntaxError) return undefined
    throw failure
  }
}

/** Until all have their answers, or `ms` have passed. */
async function waitForAll({ inside }: SecretListener, ms: number, { clock }: VerbDeps): Promise<void> {
  const over = new AbortController()
  const left = [...inside.keys()].map(response => new Promise(resolve => response.once('close', resolve)))
  await Promise.race([Promise.all(left), sleep(clock, ms, over.signal)])
  over.abort()
}
