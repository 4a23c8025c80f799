import type { DestinationStream } from 'pino'
import pretty from 'pino-pretty'

/** Takes the JSON lines of the log and writes lines for people. What strangers say stands in facts and in errors. Only the colours of the line itself reach the terminal. */
export function forTerminal(to: DestinationStream): DestinationStream {
  const lines = pretty({ destination: to, sync: true, translateTime: 'SYS:HH:MM:ss', singleLine: true })
  return { write: json => void lines.write(harmless(json)) }
}

/** In JSON a control is an escape, or (from U+007F on) stands as it is; line breaks of a stack may stay. */
const harmless = (json: string): string =>
  `${json.trimEnd().replace(ESCAPE_OR_CONTROL, found => (KEPT_ESCAPE.test(found) ? found : '\\ufffd'))}\n`
const ESCAPE_OR_CONTROL = /\\(?:u[0-9a-f]{4}|.)|[\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/gi
const KEPT_ESCAPE = /^\\(?:["\\/nt]|ud[89a-f][0-9a-f]{2})$/i
