import type { FastifyReply } from 'fastify'
import { REQUESTS_PER_WINDOW_MAX, type Take } from './rate-limit.ts'

/** A plain string, as the original answers (G-6). */
export function tooMany(reply: FastifyReply, take: Take & { passed: false }): string {
  const seconds = Math.ceil(take.retryAfterMs / 1000)
  reply
    .code(429)
    .type('text/plain; charset=utf-8')
    .headers({
      'retry-after': String(seconds),
      'ratelimit-limit': String(REQUESTS_PER_WINDOW_MAX),
      'ratelimit-remaining': '0',
      'ratelimit-reset': String(seconds),
    })
  return '请求过于频繁, 请稍后再试 (too many requests)'
}
