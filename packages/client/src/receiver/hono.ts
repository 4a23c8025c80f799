import type { Receiver } from './receiver.ts'

/** What is used of Hono's context. */
export interface HonoContext {
  readonly req: {
    readonly raw: Request
    readonly bodyCache: object
    arrayBuffer(): Promise<ArrayBuffer>
  }
}

/** `app.post('/callbacks/*', toHono(receiver))`. */
export const toHono =
  (receiver: Receiver) =>
  async (context: HonoContext): Promise<Response> => {
    const { raw, bodyCache } = context.req
    if (!raw.bodyUsed) return receiver.fetch(raw)
    // What Hono has kept as text or bytes it gives again as it was; what it has parsed it would only write anew.
    const isKept = ['text', 'arrayBuffer', 'blob', 'bytes'].some(form => form in bodyCache)
    const { url, method, headers } = raw
    const body = isKept ? await context.req.arrayBuffer() : undefined
    if (body) return receiver.fetch(new Request(url, { method, headers, body }))
    return receiver.fetch(raw)
  }
