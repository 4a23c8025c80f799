/**
 * What is read by its path while the gateway runs, where the project has it. In the package that is shipped it lies elsewhere:
 * `pack.mjs` puts `where-files-lie.shipped.ts` in the place of this file.
 */
import { createRequire } from 'node:module'
import { resolve } from 'node:path'

const require = createRequire(import.meta.url)

/** The console, with `dist/`, what was built of it. */
export const CONSOLE = resolve(import.meta.dirname, '../../../console')

/** A file that the page for trying things out loads, by its name there. */
export const fileToTry = (name: string): string =>
  name.startsWith('swagger-ui')
    ? require.resolve(`swagger-ui-dist/${name}`)
    : resolve(import.meta.dirname, '../http/docs/in-browser', name)
