/** `where-files-lie.ts` in the package that is shipped: everything lies beside the bundle, as `pack.mjs` puts it there. */
import { resolve } from 'node:path'
import type * as inTheProject from './where-files-lie.ts'

/** Built already: no sources of it are there. */
export const CONSOLE = resolve(import.meta.dirname, 'console')

export const fileToTry = (name: string): string => resolve(import.meta.dirname, 'try', name)

;({ CONSOLE, fileToTry }) satisfies typeof inTheProject
