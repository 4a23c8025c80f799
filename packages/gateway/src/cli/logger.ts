import { type DestinationStream, pino } from 'pino'
import type { Config } from '../config/config.ts'
import type { Log } from '../system/log.ts'

/** Facts that must not be logged under any name of ours (G-9); a part that logs one by mistake is stopped here. */
const SECRET_NAMES = [
  'token',
  'secret',
  'secrets',
  'password',
  'authorization',
  'cookie',
  'qrcode',
  'secretKey',
]
/** How deep facts are searched: `err.cause.options.token` is the deepest that was ever seen. */
const SECRET_DEPTH_MAX = 4

/** JSON lines, for people on a terminal `terminal-lines.ts`. They are written at once, so that the last words before a crash are not lost. */
export const createLog = ({ logLevel }: Pick<Config, 'logLevel'>, to: DestinationStream): Log =>
  pino(
    {
      level: logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      redact: { paths: secretPaths(), censor: '[redacted]' },
      serializers: { url: withoutQuery, path: withoutQuery },
    },
    to,
  )

const secretPaths = (): string[] =>
  SECRET_NAMES.flatMap(name =>
    Array.from({ length: SECRET_DEPTH_MAX }, (_, depth) => `${'*.'.repeat(depth)}${name}`),
  )

/** A query string may carry a token: the page asks for it there. */
const withoutQuery = (url: unknown): unknown => (typeof url === 'string' ? url.replace(/\?.*$/s, '') : url)
