/**
 * How a receiver is reached: by the product's own deliverer, with its deadline and its one try more on a socket that died in
 * reuse, and by the product's own signature. So what is seen here is what a gateway would see.
 */
import { Agent, request } from 'undici'
import { connectGuarded } from '../../../callback/connect-guarded.ts'
import { CALLBACK_DEADLINE_MS, openDeliverer } from '../../../callback/deliver.ts'
import { failureOf } from '../../../callback/error-class.ts'
import type { Outcome } from '../../../callback/outcome.ts'
import { webhookHeaders } from '../../../callback/sign.ts'
import { createAddressGuard } from '../../../model/address-guard.ts'
import { resolveName } from '../../../model/resolve-name.ts'
import type { Clock } from '../../../system/clock.ts'
import type { Random } from '../../../system/random.ts'
import { VERSION } from '../../../version.ts'
import { isAccepted } from './answer-words.ts'

export interface ReceiverTarget {
  /** The callback base, without user and password. */
  readonly url: URL
  /** What a workspace may have sent besides (CB-13). */
  readonly headers: Readonly<Record<string, string>>
  /** The first one signs; the others are tried alone. */
  readonly secrets: readonly [string, ...string[]]
  /** Vouches for the receiver's certificate (PEM). */
  readonly ca: string | undefined
  readonly clock: Clock
  readonly random: Random
}

/** A callback that is ready to be posted. What a check wants wrong about it is changed from here. */
export interface Letter {
  /** What is put behind the callback base. */
  readonly path: string
  readonly webhookId: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface LetterOptions {
  readonly webhookId?: string
  /** How far the clock of the signature is off. */
  readonly offMs?: number
  readonly secrets?: readonly string[]
}

export interface ReceiverLine {
  readonly target: ReceiverTarget
  /** Signed as a gateway signs it. `text` is the body as it travels. */
  write(path: string, text: string, options?: LetterOptions): Letter
  /** On the connections of this line; it never rejects. */
  post(letter: Letter): Promise<Outcome>
  /** On a connection of its own. */
  postAfresh(letter: Letter): Promise<Outcome>
  /** Without a body, as a browser asks. */
  get(path: string): Promise<Outcome>
  /** Connections that this line has made, and answers of whatever kind that it has heard. */
  connections(): number
  answers(): number
  /** How long each callback took that was as it should be, and was taken; in milliseconds. */
  readonly tookMs: readonly number[]
  /** Notes one of them, and hands it on. */
  noteGood(outcome: Outcome): Outcome
  close(): Promise<void>
}

/** Whoever runs this says where it goes; what it may reach is theirs to know. */
const anywhere = createAddressGuard(['0.0.0.0/0', '::/0'], resolveName)

export function openReceiverLine(target: ReceiverTarget): ReceiverLine {
  const { clock, random, secrets, ca } = target
  let connections = 0
  let answers = 0
  const tookMs: number[] = []
  const open = () => openDeliverer({ clock, guard: anywhere, ca, connected: () => connections++ })
  const deliverer = open()
  const toPost = ({ path, headers, body }: Letter) => ({ url: urlOf(target.url, path), headers, body })

  return {
    target,
    write(path, text, { webhookId = newWebhookId(random), offMs = 0, secrets: own = [secrets[0]] } = {}) {
      const body = Buffer.from(text)
      const headers = {
        ...target.headers,
        'content-type': 'application/json; charset=utf-8',
        'user-agent': `qunhub/${VERSION} conform`,
        ...webhookHeaders({ webhookId, at: clock.now() + offMs, body }, own),
      }
      return { path, webhookId, headers, body }
    },
    async post(letter) {
      const outcome = await deliverer.deliver(toPost(letter))
      if (outcome.kind === 'answered') answers++
      return outcome
    },
    async postAfresh(letter) {
      const fresh = open()
      try {
        return await fresh.deliver(toPost(letter))
      } finally {
        await fresh.close()
      }
    },
    get: path => getOnce(urlOf(target.url, path), target),
    connections: () => connections,
    answers: () => answers,
    tookMs,
    noteGood(outcome) {
      if (isAccepted(outcome)) tookMs.push(outcome.ms)
      return outcome
    },
    close: () => deliverer.close(),
  }
}

const newWebhookId = (random: Random): string => `msg_${random.bytes(18).toString('base64url')}`

/** As the gateway appends a kind's path to a base (CB-5), for kinds that there are not as well. */
function urlOf(base: URL, path: string): URL {
  const url = new URL(base)
  url.pathname = url.pathname.replace(/\/+$/, '') + path
  return url
}

async function getOnce(url: URL, { headers, clock, ca }: ReceiverTarget): Promise<Outcome> {
  const startedAt = clock.now()
  const deadline = new AbortController()
  const callOff = clock.after(CALLBACK_DEADLINE_MS, () => deadline.abort())
  const agent = new Agent({ connect: connectGuarded(anywhere, CALLBACK_DEADLINE_MS, ca), allowH2: false })
  const ms = () => Math.max(0, clock.now() - startedAt)
  try {
    const { statusCode, body } = await request(url, { dispatcher: agent, headers, signal: deadline.signal })
    body.on('error', () => {}).destroy()
    return { kind: 'answered', status: statusCode, snippet: '', ms: ms() }
  } catch (failure) {
    if (deadline.signal.aborted) return { kind: 'failed', errorClass: 'timeout', ms: ms() }
    const { errorClass, reason } = failureOf(failure as Error)
    return { kind: 'failed', errorClass, ms: ms(), ...(reason === null ? {} : { reason }) }
  } finally {
    callOff()
    await agent.destroy()
  }
}
