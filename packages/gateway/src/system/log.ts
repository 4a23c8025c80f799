/**
 * What every part may say. Facts first, sentence second, as in pino. Never a token, a secret, a query string or a
 * payload (G-9): kinds and ids only.
 */
export interface Log {
  debug(facts: object, sentence: string): void
  info(facts: object, sentence: string): void
  warn(facts: object, sentence: string): void
  error(facts: object, sentence: string): void
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }
