import { z } from 'zod'

/** What a refusal becomes on the wire, and what it tells a person. Rule G-3: the code is a JSON number. */
export interface RefusalCode {
  readonly code: number
  /** The page's own words, returned as they are. */
  readonly message: string
}

/** The named reasons why one endpoint does not carry out a request. A new word without a number does not compile. */
export type RefusalTable = Readonly<Record<string, RefusalCode>>

export const HTTP_BAD_REQUEST = 400

/** `{code, message}`, the envelope of addMember and exit. */
export const CodeReply = z.object({ code: z.int(), message: z.string() }).meta({ id: 'CodeReply' })
export type CodeReply = z.infer<typeof CodeReply>

/** Unknown, empty or revoked token: -1 on every endpoint (G-4). */
export const tokenInvalid = { code: -1, message: '无效token' } as const
