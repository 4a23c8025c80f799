import type { Heard, Refusal } from './answer.ts'

export const requestIdOf = ({ headers }: Heard): string | undefined =>
  headers.get('x-request-id') ?? undefined

export interface CallFacts {
  /** Without the query, in which a token may stand. */
  readonly path: string
  readonly tries: number
}

/** Whatever went wrong around a call. What the page may answer is no failure but a value: see `Refusal`. */
export class QunhubError extends Error {
  override name = 'QunhubError'
  readonly path: string
  /** How often it was sent; 0 where that is not known, or it was not sent. */
  readonly tries: number
  /** The gateway's id of the last try, where it was heard at all. */
  readonly requestId: string | undefined

  constructor(facts: CallFacts, words: string, id?: string, cause?: unknown) {
    const told = [
      `${facts.path}: ${words}`,
      ...(facts.tries > 0 ? [`${facts.tries} ${facts.tries === 1 ? 'try' : 'tries'}`] : []),
      ...(id ? [`request ${id}`] : []),
    ]
    super(told.join('; '), cause === undefined ? undefined : { cause })
    this.path = facts.path
    this.tries = facts.tries
    this.requestId = id
  }
}

/** Nobody answered: no connection, a broken one, or not in time. `cause` is what `fetch` said. */
export class NoAnswer extends QunhubError {
  override name = 'NoAnswer'
  readonly timedOut: boolean

  constructor(facts: CallFacts, ended: { readonly timedOut: boolean; readonly cause: unknown }) {
    super(
      facts,
      ended.timedOut ? '没有及时答复 / no answer in time' : '没有答复 / no answer',
      undefined,
      ended.cause,
    )
    this.timedOut = ended.timedOut
  }
}

/** 429 or 503, to the last try. */
export class TooBusy extends QunhubError {
  override name = 'TooBusy'
  readonly status: number
  /** When the gateway wants to be asked again, where it said so. */
  readonly retryAfterMs: number | undefined

  constructor(facts: CallFacts, heard: Heard, retryAfterMs: number | undefined) {
    super(facts, `HTTP ${heard.status}, 请稍后再试 / ask again later`, requestIdOf(heard))
    this.status = heard.status
    this.retryAfterMs = retryAfterMs
  }
}

const SNIPPET_LENGTH_MAX = 200

/** Something answered, and not as the page does: a fault of the gateway's, a proxy, or a base URL that is another's. */
export class UnexpectedAnswer extends QunhubError {
  override name = 'UnexpectedAnswer'
  readonly status: number
  readonly text: string

  /** What says `token` in the answer is struck out: a proxy's error page may show the request that it had. */
  constructor(facts: CallFacts, heard: Heard, token: string) {
    const text = heard.text.replaceAll(token, '…').replaceAll(encodeURIComponent(token), '…')
    super(
      facts,
      `HTTP ${heard.status}, 不是接口页的答复 / not an answer of the page: ${text.slice(0, SNIPPET_LENGTH_MAX)}`,
      requestIdOf(heard),
    )
    this.status = heard.status
    this.text = text
  }
}

/** More calls wait for their turn than `pace` lets wait. */
export class TooManyWaiting extends QunhubError {
  override name = 'TooManyWaiting'
}

/** A list that is read row by row cannot hand a refusal over in between, so it is thrown. */
export class Refused extends QunhubError {
  override name = 'Refused'
  readonly refusal: Refusal

  constructor(path: string, refusal: Refusal) {
    // How often its page was asked for is not known here.
    super({ path, tries: 0 }, `${refusal.refused} (${refusal.code}) ${refusal.message}`, refusal.requestId)
    this.refusal = refusal
  }
}
