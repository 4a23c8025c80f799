/** The gateway said no, in words: what, why, what next. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly refused: string
  readonly status: number
  /** What the gateway's log knows this answer by. */
  readonly requestId: string | null
  constructor(refused: string, message: string, answer: { status: number; requestId: string | null }) {
    super(message)
    this.refused = refused
    this.status = answer.status
    this.requestId = answer.requestId
  }

  /** The session has ended, or there never was one. */
  get isSignedOut(): boolean {
    return this.refused === 'not-signed-in'
  }
}

/** Nothing was heard within the time, or the connection broke. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

/** Something answered that is not the gateway: a proxy's page of its own, most often. */
export class NotOurs extends Error {
  override readonly name = 'NotOurs'
  readonly requestId: string | null
  constructor(status: number, requestId: string | null) {
    super(`HTTP ${status}`)
    this.requestId = requestId
  }
}
