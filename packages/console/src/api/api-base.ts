import { consoleRoot } from './console-root.ts'

/** Where the API is: beside the console, without a slash at its end. */
export const apiBase = (): string =>
  new URL('..', new URL(consoleRoot(import.meta.url), location.href)).href.replace(/\/$/, '')
