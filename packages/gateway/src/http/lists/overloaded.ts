/** What a workspace hears that has as many lists under way as it may, and as many that wait (LT-8). */
import type { Envelope } from '@qunhub/wire'
import { envelop } from '../wire-reply.ts'

/** About as long as what waits takes to be answered. */
const RETRY_AFTER_S = 5

export const OVERLOADED_HEADERS = { 'retry-after': String(RETRY_AFTER_S) } as const

export const overloaded = (envelope: Envelope): object =>
  envelop(envelope, 503, '列表请求过多, 请稍后再试 (too many lists at once)')
