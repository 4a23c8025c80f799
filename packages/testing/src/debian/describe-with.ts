import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'vitest'

/** Where Debian puts what only administrators run, and PostgreSQL's own programs. */
const FOLDERS = ['/usr/sbin', '/usr/bin', '/usr/lib/postgresql/15/bin']

/** The path of a program that a Debian package brings; undefined where it is not installed. */
export const findProgram = (name: string): string | undefined =>
  FOLDERS.map(folder => join(folder, name)).find(path => existsSync(path))

/** A suite that needs programs of Debian, by package. Where one is missing, one line says what was left out, and nothing fails. */
export function describeWith(
  packages: Readonly<Record<string, string>>,
  name: string,
  suite: () => void,
): void {
  const missing = Object.entries(packages)
    .filter(([, program]) => !findProgram(program))
    .map(([named]) => named)
  if (missing.length > 0)
    console.info(`${name}: left out, for Debian's ${missing.join(', ')} is not installed`)
  describe.runIf(missing.length === 0)(name, suite)
}
