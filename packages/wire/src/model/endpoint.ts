import type { z } from 'zod'
import type { RefusalTable } from './refusal.ts'

/** How an endpoint says yes, no and "your request is malformed". */
export type Envelope = 'code' | 'errcode' | 'list'

export interface Header {
  readonly name: string
  /** Chinese first, English second. */
  readonly description: string
  readonly value: z.ZodType
}

/** One endpoint of the page, declared once: types, parsing, documentation and tests derive from it. */
export interface Endpoint {
  readonly name: string
  readonly method: 'GET' | 'POST'
  readonly path: `/${string}`
  /** Chinese first, English second. */
  readonly summary: string
  readonly envelope: Envelope
  readonly request: z.ZodObject
  /** A whole request, as documents show it. */
  readonly example: Readonly<Record<string, unknown>>
  readonly reply: z.ZodType
  readonly refusals: RefusalTable
  /** What a request may say besides its body. */
  readonly requestHeaders?: readonly Header[]
  /** Whoever has the answer already, and says so by its ETag, is told that it is unchanged (LT-10). */
  readonly isConditional?: boolean
  /** What the answer with HTTP 200 may say besides its body. */
  readonly responseHeaders?: readonly Header[]
}

/** Keeps the literal types of a declaration while checking its shape. */
export const endpoint = <const E extends Endpoint>(declaration: E): E => declaration

export type RequestOf<E extends Endpoint> = z.output<E['request']>
export type ReplyOf<E extends Endpoint> = z.output<E['reply']>
export type RefusalOf<E extends Endpoint> = keyof E['refusals'] & string
