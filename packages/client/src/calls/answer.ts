import { requestIdOf, UnexpectedAnswer } from './failure.ts'

/** What came of a call that was heard: it was carried out, or refused. What went wrong on the way is thrown. */
export type Answer<Reply, Word extends string> = Done<Reply> | Refusal<Word>

export type Done<Reply> = Reply & {
  readonly ok: true
  /** For whoever reads the gateway's log. */
  readonly requestId: string | undefined
}

export interface Refusal<Word extends string = string> {
  readonly ok: false
  /** `malformed`: the request breaks the schema (400). `unknown`: a number that this client has no word for. */
  readonly refused: Word | 'malformed' | 'unknown'
  /** The page's number, and its words. */
  readonly code: number
  readonly message: string
  readonly requestId: string | undefined
}

export interface CallOptions {
  /** Gives up, also while it waits for another try; the call rejects with its reason. */
  readonly signal?: AbortSignal | undefined
  /** How long one try may take. */
  readonly timeoutMs?: number | undefined
}

export interface Keyed {
  /** The same key makes one room within 24 hours, however often it is sent (CR-25). Left out, each call has its own. */
  readonly idempotencyKey?: string | undefined
}

export interface Waiting {
  /** A pull is answered when the member was seen in the room, for 1 to 30 seconds (AM-25). */
  readonly waitS?: number | undefined
}

/** A number, or a number that another word has too and the message by which this one is known. */
export type RefusalNumbers = Readonly<Record<string, number | readonly [number, string]>>

export interface Heard {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

const HTTP_MALFORMED = 400

export interface EndpointFacts {
  readonly method: 'GET' | 'POST'
  /** It takes an Idempotency-Key. */
  readonly keyed?: true
  /** It can wait until its work was seen, and says whether it was. */
  readonly waits?: true
  readonly refusals: RefusalNumbers
}

/** An answer as the page writes it, as a value. */
export function readAnswer(
  facts: EndpointFacts,
  heard: Heard,
  at: { path: string; tries: number },
  token: string,
): Answer<object, string> {
  const requestId = requestIdOf(heard)
  const body = parse(heard.text)
  const { code, errcode, message, errmsg, ...reply } = body ?? {}
  const number = errcode ?? code
  const isAnswer = heard.status === 200 || (heard.status === HTTP_MALFORMED && number === HTTP_MALFORMED)
  if (!isAnswer || typeof number !== 'number') throw new UnexpectedAnswer(at, heard, token)

  if (number === 0) {
    const seen = facts.waits && { seen: heard.headers.has('preference-applied') }
    return { ...reply, ...seen, ok: true, requestId }
  }
  const words = String(errmsg ?? message ?? '')
  return {
    ok: false,
    refused: wordOf(facts.refusals, number, words),
    code: number,
    message: words,
    requestId,
  }
}

function wordOf(refusals: RefusalNumbers, number: number, words: string): string {
  if (number === HTTP_MALFORMED) return 'malformed'
  let found = 'unknown'
  for (const [word, own] of Object.entries(refusals)) {
    if (own === number) return word
    if (typeof own === 'number' || own[0] !== number) continue
    // Of two words with one number the message decides; the last one is the page's own, whatever it says.
    found = word
    if (words.startsWith(own[1])) break
  }
  return found
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined
  } catch {
    // No JSON is no answer of a gateway; the caller says so, with the text.
    return undefined
  }
}
