import type { Buffer } from 'node:buffer'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { done, type Result, refuse } from '../model/result.ts'
import { BODY_BYTES_MAX, tooLong } from './read-body.ts'

/** Not before one is asked for: no start has a use for `node:zlib` (P10). */
const decoders = {
  gzip: () => gunzip,
  'x-gzip': () => gunzip,
  deflate: () => inflate,
  br: () => brotliDecompress,
} as const

/**
 * A body as its Content-Encoding says (G-14). What it unfolds to is bounded like a plain one, and unfolded no further; the
 * refusal's detail is for the caller.
 */
export async function decodeBody(
  bytes: Buffer,
  contentEncoding: string | undefined,
): Promise<Result<Buffer, 'bad-request'>> {
  const encoding = contentEncoding?.trim().toLowerCase() || 'identity'
  if (encoding === 'identity') return done(bytes)
  if (!isKnown(encoding))
    return refuse(
      'bad-request',
      '请求体: Content-Encoding 只支持 gzip, deflate, br (expected gzip, deflate, br or none as Content-Encoding)',
    )
  try {
    return done(await promisify(decoders[encoding]())(bytes, { maxOutputLength: BODY_BYTES_MAX }))
  } catch (failure) {
    const code = failure instanceof Error && 'code' in failure ? String(failure.code) : ''
    if (code === 'ERR_BUFFER_TOO_LARGE') return refuse('bad-request', tooLong)
    if (!/^(Z_|ERR_(_ERROR|BROTLI|ZLIB|PADDING))/.test(code)) throw failure
    return refuse(
      'bad-request',
      `请求体: 不是有效的 ${encoding} (expected ${encoding}, as Content-Encoding says)`,
    )
  }
}

const isKnown = (encoding: string): encoding is keyof typeof decoders => Object.hasOwn(decoders, encoding)
