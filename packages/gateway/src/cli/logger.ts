import { type DestinationStream, pino } from 'pino'
import pretty from 'pino-pretty'
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

/**
 * Lines for people on a terminal, JSON lines otherwise. Both are written at once, without a thread in between, so that
 * the last words before a crash are not lost.
 */
export const createLog = (
  { logLevel }: Pick<Config, 'logLevel'>,
  { isTerminal, to }: { isTerminal: boolean; to: DestinationStream },
): Log =>
  pino(
    {
      level: logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      redact: { paths: secretPaths(), censor: '[redacted]' },
      serializers: { url: withoutQuery, path: withoutQuery },
    },
    isTerminal ? forTerminal(to) : to,
  )

/** What strangers say stands in facts and in errors. Only the colours of the line itself reach the terminal. */
function forTerminal(to: DestinationStream): DestinationStream {
  const lines = pretty({ destination: to, sync: true, translateTime: 'SYS:HH:MM:ss', singleLine: true })
  return { write: json => void lines.write(harmless(json)) }
}

/** In JSON a control is an escape, or (from U+007F on) stands as it is; line breaks of a stack may stay. */
const harmless = (json: string): string =>
  `${json.trimEnd().replace(ESCAPE_OR_CONTROL, found => (KEPT_ESCAPE.test(found) ? found : '\\ufffd'))}\n`
const ESCAPE_OR_CONTROL = /\\(?:u[0-9a-f]{4}|.)|[\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/gi
const KEPT_ESCAPE = /^\\(?:["\\/nt]|ud[89a-f][0-9a-f]{2})$/i

const secretPaths = (): string[] =>
  SECRET_NAMES.flatMap(name =>
    Array.from({ length: SECRET_DEPTH_MAX }, (_, depth) => `${'*.'.repeat(depth)}${name}`),
  )

/** A query string may carry a token: the page asks for it there. */
const withoutQuery = (url: unknown): unknown => (typeof url === 'string' ? url.replace(/\?.*$/s, '') : url)
