/**
 * Receives the callbacks of a gateway: the bytes first, then the signature over them, then whether this callback was
 * handled before, then its handler. A callback is answered with 2xx when its handler is done, and not before; whatever goes
 * wrong is answered so that the gateway sends it again (CB-6). It waits 5 s for an answer, so that at 4 s the answer is 500,
 * while the handler goes on: when it is done by the time of the next try, that one is told so.
 */
import { type Clock, elapsed, systemClock } from '../clock.ts'
import { BODY_BYTES_MAX, BodyBroken, BodyEaten, BodyTooLarge, bodyOfRequest } from './body.ts'
import {
  type Callback,
  type CallbackFacts,
  type CallbackKind,
  kindOf,
  type UnknownCallback,
} from './callback.ts'
import { type SeenStore, seenInMemory } from './seen.ts'
import { isSignedBy, readSecret, type SecretKey } from './signature.ts'

export interface ReceiverOptions {
  /** `qunhub callback secret`. Several while one is replaced; a function is asked anew for each callback. */
  readonly secrets: string | readonly string[] | (() => readonly string[] | Promise<readonly string[]>)
  /** Which callbacks were handled. Left out: the last 10,000, in this process. */
  readonly seen?: SeenStore | undefined
  /** Hears of callbacks that no handler is for. They are answered 2xx, because another try would find none either. */
  readonly onUnknown?: ((callback: UnknownCallback) => unknown) | undefined
  /** Hears of what went wrong here: a handler that failed or was slow, a store that did not answer, a body that is gone. */
  readonly onError?: ((failure: unknown, callback?: CallbackFacts & { kind: string }) => unknown) | undefined
  readonly deadlineMs?: number | undefined
  readonly clock?: Clock | undefined
}

export type Handler<K extends CallbackKind> = (callback: Callback<K>) => unknown

export interface Receiver {
  /** Returns the receiver, so that one can be written behind another. */
  on<K extends CallbackKind>(kind: K, handler: Handler<K>): Receiver
  /** For whatever speaks `Request` and `Response`: Bun, Deno, workers, Hono. It never rejects. */
  fetch(request: Request): Promise<Response>
  /** For adapters. It never rejects. */
  take(delivery: Delivery): Promise<Verdict>
}

/** A request, whichever framework heard it. */
export interface Delivery {
  readonly method: string
  /** Whole, or its path alone. */
  readonly url: string
  header(name: string): string | null | undefined
  body(): Promise<Uint8Array>
}

export interface Verdict {
  readonly status: number
  /** Shown to whoever looks at the gateway's attempts (`qunhub callback show`). */
  readonly text: string
}

/** The handler did not come to its end in time; the callback was answered 500, and the handler goes on. */
export class HandlerTooSlow extends Error {
  override name = 'HandlerTooSlow'
}

/** How far a delivery has come. */
interface Progress {
  /** Its body is here. */
  isRead: boolean
  /** Its handler has come to its end. */
  isHandled: boolean
  /** It is answered. */
  isOver: boolean
  callback?: UnknownCallback
}

/** A second less than the gateway waits, for the way there and back. */
const DEADLINE_MS = 4000
/** A process that dies holds its callback for so long: less than the tries of the gateway go on. */
const CLAIM_MS = 20_000
/** How far a clock may be off, as the standard recommends. */
const TOLERANCE_MS = 5 * 60_000
const WEBHOOK_ID_LENGTH_MAX = 256

const DONE: Verdict = { status: 204, text: '' }
const REFUSED = {
  method: { status: 405, text: '回调是 POST / callbacks are POSTed' },
  unsigned: {
    status: 401,
    text: '缺少 webhook-id, webhook-timestamp 或 webhook-signature / a webhook header is missing',
  },
  old: {
    status: 401,
    text: '时间戳与本机时钟相差超过 5 分钟 / the timestamp is more than 5 minutes off this clock',
  },
  forged: {
    status: 401,
    text: '签名不符: 核对签名密钥与原始请求体 / no signature matches: look at the secret and the raw body',
  },
  large: { status: 413, text: '请求体过大 / the body is too large' },
  stuck: { status: 408, text: '请求体没有及时到齐 / the body did not come in time' },
  broken: { status: 400, text: '请求体不完整或不是 JSON / the body is not whole or no JSON' },
  busy: { status: 503, text: '上一次投递仍在处理 / an earlier delivery is still being handled' },
  failed: { status: 500, text: '处理失败, 请重试 / it could not be handled, send it again' },
  slow: { status: 500, text: '处理未按时完成, 请重试 / it was not handled in time, send it again' },
} as const satisfies Record<string, Verdict>

/** Says what to do with each kind by `on`, and hand it to an adapter, or its `fetch` to whoever has a `Request`. */
export function createReceiver(options: ReceiverOptions): Receiver {
  const { clock = systemClock, deadlineMs = DEADLINE_MS, onUnknown } = options
  const seen = options.seen ?? seenInMemory({ clock })
  const keys = keysOf(options.secrets)
  const onError =
    options.onError ?? ((failure, callback) => console.error('@qunhub/client', failure, callback))
  const running = new Set<string>()
  // Each handler gets the kind that it is kept under.
  const handlers = new Map<string, (callback: never) => unknown>()

  /** What costs nothing is looked at first: a stranger's body is read only when his headers could be a gateway's. */
  async function handle(delivery: Delivery, progress: Progress): Promise<Verdict> {
    const facts = readFacts(delivery)
    if (!facts) return REFUSED.unsigned
    const { webhookId, timestamp, signature } = facts
    const signedAt = Number(timestamp) * 1000
    if (Math.abs(clock.now() - signedAt) > TOLERANCE_MS) return REFUSED.old
    if (Number(delivery.header('content-length')) > BODY_BYTES_MAX) return REFUSED.large
    const body = await delivery.body()
    progress.isRead = true
    if (!(await isSignedBy(await keys(), { webhookId, timestamp, body }, signature))) return REFUSED.forged

    const parsed = parse(body)
    if (parsed === undefined) return REFUSED.broken
    progress.callback = { kind: kindOf(delivery.url), webhookId, signedAt, body: parsed }
    // Answered already: nobody is to be kept from the next try.
    if (progress.isOver) return REFUSED.slow
    // However long ago that began: nothing is handled beside itself in one process.
    if (running.has(webhookId)) return REFUSED.busy
    running.add(webhookId)
    try {
      return await once(progress.callback, progress)
    } finally {
      running.delete(webhookId)
    }
  }

  /** Runs the handler unless this callback was, or is being, handled elsewhere. */
  async function once(callback: UnknownCallback, progress: Progress): Promise<Verdict> {
    const { webhookId } = callback
    // From before it is asked for, so that it is never believed for longer than the store keeps it.
    const claimedUntil = elapsed(clock) + CLAIM_MS
    const giveBack = async () => {
      // Later than that it may be somebody else's.
      if (elapsed(clock) < claimedUntil) await seen.release(webhookId)
    }
    const claim = await seen.claim(webhookId, CLAIM_MS)
    if (claim === 'busy') return REFUSED.busy
    if (claim === 'done') return DONE
    if (progress.isOver) {
      await giveBack()
      return REFUSED.slow
    }
    try {
      await (handlers.get(callback.kind) ?? onUnknown)?.(callback as never)
    } catch (failure) {
      // Whoever listens to failures may end the process, so the callback is given back first.
      await giveBack().catch(fault => tell(fault, callback))
      tell(failure, callback)
      return REFUSED.failed
    }
    progress.isHandled = true
    // It is handled, whatever becomes of this note of it.
    try {
      await seen.done(webhookId)
    } catch (failure) {
      tell(failure, callback)
    }
    return DONE
  }

  function tell(failure: unknown, callback?: UnknownCallback): void {
    const facts = callback && {
      kind: callback.kind,
      webhookId: callback.webhookId,
      signedAt: callback.signedAt,
    }
    // Whoever posts is answered all the same, and the process lives on.
    const complain = (fault: unknown) => console.error('@qunhub/client: onError', fault)
    try {
      const told: unknown = onError(failure, facts)
      Promise.resolve(told).catch(complain)
    } catch (fault) {
      complain(fault)
    }
  }

  /** What is answered at the deadline. */
  function late({ isRead, isHandled, callback }: Progress, kind: string): Verdict {
    // A stranger may send slowly all day; that is nobody's fault here.
    if (!isRead) return REFUSED.stuck
    if (isHandled) {
      tell(new Error(`seen.done: ${deadlineMs} ms`), callback)
      return DONE
    }
    tell(new HandlerTooSlow(`${kind}: ${deadlineMs} ms`), callback)
    return REFUSED.slow
  }

  async function take(delivery: Delivery): Promise<Verdict> {
    if (delivery.method !== 'POST') return REFUSED.method
    return new Promise(resolve => {
      const progress: Progress = { isRead: false, isHandled: false, isOver: false }
      const settle = (verdict: Verdict) => {
        progress.isOver = true
        callOff()
        resolve(verdict)
      }
      const callOff = clock.after(deadlineMs, () => settle(late(progress, kindOf(delivery.url))))
      handle(delivery, progress).then(settle, failure => settle(verdictOn(failure)))
    })
  }

  function verdictOn(failure: unknown): Verdict {
    if (failure instanceof BodyTooLarge) return REFUSED.large
    if (failure instanceof BodyBroken) return REFUSED.broken
    tell(failure)
    return failure instanceof BodyEaten ? { status: 500, text: failure.message } : REFUSED.failed
  }

  const receiver: Receiver = {
    on(kind, handler) {
      if (handlers.has(kind)) throw new TypeError(`${kind}: 已有处理函数 / there is a handler already`)
      handlers.set(kind, handler)
      return receiver
    },
    take,
    async fetch(request) {
      const { method, url, headers } = request
      const body = () => bodyOfRequest(request)
      const { status, text } = await take({ method, url, header: name => headers.get(name), body })
      return new Response(status === 204 ? null : text, { status, headers: headersOf(status) })
    },
  }
  return receiver
}

export const headersOf = (status: number): Record<string, string> => ({
  ...(status === 204 ? {} : { 'content-type': 'text/plain; charset=utf-8' }),
  ...(status === 405 ? { allow: 'POST' } : {}),
})

/** Secrets that are given once are looked at once, and a wrong one is told before any callback comes. */
function keysOf(secrets: ReceiverOptions['secrets']): () => Promise<readonly SecretKey[]> {
  const known = new Map<string, Promise<SecretKey>>()
  const keysFor = (all: readonly string[]) => {
    if (all.length === 0) throw new TypeError('secrets: 至少一个 / at least one')
    for (const secret of known.keys()) if (!all.includes(secret)) known.delete(secret)
    return Promise.all(
      all.map(secret => {
        const key = known.get(secret) ?? readSecret(secret)
        known.set(secret, key)
        return key
      }),
    )
  }
  if (typeof secrets === 'function') return async () => keysFor((await secrets()) ?? [])
  // A variable that is not set comes here, too, whatever its type says.
  const keys = keysFor(typeof secrets === 'object' && secrets ? secrets : [secrets as string])
  return () => keys
}

function readFacts(delivery: Delivery) {
  const webhookId = delivery.header('webhook-id')
  const timestamp = delivery.header('webhook-timestamp')
  const signature = delivery.header('webhook-signature')
  if (!webhookId || webhookId.length > WEBHOOK_ID_LENGTH_MAX || !signature) return undefined
  return timestamp && /^\d{1,12}$/.test(timestamp) ? { webhookId, timestamp, signature } : undefined
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
}
