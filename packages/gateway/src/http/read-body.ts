import { complain } from '@qunhub/wire'
import { z } from 'zod'
import { done, type Refused, type Result, refuse } from '../model/result.ts'

/** Rule G-5. */
export const BODY_BYTES_MAX = 256 * 1024
const BODY_DEPTH_MAX = 16

/** A body as an object of unchecked fields; the endpoint's schema decides what they may be. */
export type Fields = Readonly<Record<string, unknown>>

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** A body's bytes, or why there are none. */
export type BodyBytes = Buffer | Refused<'bad-request'> | undefined

export const tooLong = `请求体: 不得超过 ${BODY_BYTES_MAX / 1024} KiB (expected at most ${BODY_BYTES_MAX / 1024} KiB)`

/** Reads a POST body as JSON, whatever its content type says (G-1). The refusal's detail is for the caller (G-5). */
export function readBody(bytes: BodyBytes): Result<Fields, 'bad-request'> {
  if (bytes && 'refused' in bytes) return bytes
  if (!bytes || bytes.length === 0) return done({})
  const text = decode(bytes)
  if (text === null) return refuse('bad-request', '请求体: 不是有效的 UTF-8 (expected UTF-8)')
  if (depth(text) > BODY_DEPTH_MAX) {
    return refuse(
      'bad-request',
      `请求体: 嵌套不得超过 ${BODY_DEPTH_MAX} 层 (expected at most ${BODY_DEPTH_MAX} levels)`,
    )
  }
  const value = parse(text)
  if (value === undefined) return refuse('bad-request', '请求体: 不是有效的 JSON (expected JSON)')
  const read = AnyFields.safeParse(value)
  return read.success ? done(value as Fields) : refuse('bad-request', complain(read.error, value))
}

function decode(bytes: Buffer): string | null {
  try {
    return utf8.decode(bytes)
  } catch (failure) {
    if (failure instanceof TypeError) return null
    throw failure
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (failure) {
    if (failure instanceof SyntaxError) return undefined
    throw failure
  }
}

const AnyFields = z.looseObject({})

/** How deep brackets nest, found by walking the text once: JSON.parse itself recurses, so it is asked only afterwards. */
function depth(text: string): number {
  let open = 0
  let deepest = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (inString) {
      if (char === BACKSLASH) i++
      else if (char === QUOTE) inString = false
    } else if (char === QUOTE) inString = true
    else if (char === BRACE_OPEN || char === BRACKET_OPEN) deepest = Math.max(deepest, ++open)
    else if (char === BRACE_CLOSE || char === BRACKET_CLOSE) open--
  }
  return deepest
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const BRACKET_OPEN = 0x5b
const BRACKET_CLOSE = 0x5d
const BRACE_OPEN = 0x7b
const BRACE_CLOSE = 0x7d
