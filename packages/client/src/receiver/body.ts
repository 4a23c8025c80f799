/** Bodies as bytes, the very bytes that were signed, and what is said where they are not to be had any more. */

/** Somebody has read the body before, and no bytes of it are left. */
export class BodyEaten extends Error {
  override name = 'BodyEaten'

  constructor(advice: { zh: string; en: string }) {
    super(
      `请求体已被解析, 无法按原文核对签名: ${advice.zh} / ` +
        `The body was parsed before the receiver saw it, and a signature is over the bytes: ${advice.en}`,
    )
  }
}

export class BodyTooLarge extends Error {
  override name = 'BodyTooLarge'
}

/** It ended before it was whole. */
export class BodyBroken extends Error {
  override name = 'BodyBroken'
}

/** A room of 500 members has 150 KB; nothing larger than this is a callback. */
export const BODY_BYTES_MAX = 4 * 1024 * 1024

/** Gathers pieces up to the bound. */
export function gather(): { add(piece: Uint8Array): void; whole(): Uint8Array } {
  const pieces: Uint8Array[] = []
  let length = 0
  return {
    add(piece) {
      length += piece.length
      if (length > BODY_BYTES_MAX) throw new BodyTooLarge(`${BODY_BYTES_MAX} bytes at most`)
      pieces.push(piece)
    },
    whole() {
      const body = new Uint8Array(length)
      let at = 0
      for (const piece of pieces) {
        body.set(piece, at)
        at += piece.length
      }
      return body
    },
  }
}

/** Of what a parser left behind: bytes or text are as good as the body, for the signature will tell; an object is not. */
export function bytesOf(left: unknown): Uint8Array | undefined {
  if (left instanceof Uint8Array) return left
  return typeof left === 'string' ? new TextEncoder().encode(left) : undefined
}

/** The body of a `Request`. */
export async function bodyOfRequest(request: Request): Promise<Uint8Array> {
  if (request.bodyUsed)
    throw new BodyEaten({
      zh: '把同一个 Request 交给接收器之前不要读它的 body, 或先 request.clone()',
      en: 'hand the Request over unread, or read a request.clone()',
    })
  const gathered = gather()
  const reader = request.body?.getReader()
  try {
    for (let read = await reader?.read(); read && !read.done; read = await reader?.read())
      gathered.add(read.value)
  } catch (failure) {
    if (failure instanceof BodyTooLarge) {
      // The rest is not wanted; whether whoever sends it can be told is their affair.
      reader?.cancel(failure).catch(() => {})
      throw failure
    }
    throw new BodyBroken('the connection broke', { cause: failure })
  }
  return gathered.whole()
}
