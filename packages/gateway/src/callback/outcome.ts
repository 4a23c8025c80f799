/** What came of one attempt. `ms` is how long it took. */
export type Outcome =
  | {
      readonly kind: 'answered'
      readonly status: number
      /** What `Retry-After` asked for, counted from the answer. */
      readonly retryAfterMs?: number
      /** The beginning of the answer, for a person who looks for the reason. */
      readonly snippet: string
      readonly ms: number
    }
  | {
      readonly kind: 'failed'
      readonly errorClass: ErrorClass
      /** Why, in words; missing where the class says it all. */
      readonly reason?: string
      readonly ms: number
    }

/** Why there was no answer. */
export type ErrorClass =
  /** Not done within the deadline, whichever part of it was slow. */
  | 'timeout'
  | 'dns'
  /** Nobody listens there, or there is no way to them. */
  | 'connect'
  | 'tls'
  /** The receiver hung up before it answered. */
  | 'reset'
  /** What came back is not HTTP. */
  | 'bad-response'
  /** Our own policy forbids the address (CB-11). */
  | 'address-refused'
