/**
 * Where the console stands, `/console/` or behind a proxy's prefix: each of its own files knows where it came from, so nobody has to
 * tell it.
 */
export const consoleRoot = (file: string): string =>
  new URL(file).pathname.replace(/\/(?:assets|src)\/(?!.*\/(?:assets|src)\/).*$/, '/')
