/** What stands in the environment under names of ours, and in the files that it names. */
import { readFileSync } from 'node:fs'
import { secretSettings, settings } from './settings.ts'

/** Names with our prefix that mean nothing to us: most likely misspelled, so whoever starts the gateway warns about them. */
export const unknownSettings = (env: Record<string, string | undefined>): string[] =>
  Object.keys(env).filter(
    name => name.startsWith('QUNHUB_') && !(name in settings.shape) && !isFileVariant(name),
  )

/**
 * Our own names out of the environment; an empty one counts as absent. `sources`: what somebody set, by the setting that it is
 * meant for; a file that cannot be read was meant all the same.
 */
export function gather(env: Record<string, string | undefined>) {
  const problems: string[] = []
  const given: Record<string, string> = {}
  const sources = new Map<string, string>()
  for (const [name, value] of Object.entries(env)) {
    if (!value || !(name in settings.shape)) continue
    given[name] = value
    sources.set(name, name)
  }
  for (const name of secretSettings) {
    const source = `${name}_FILE`
    const path = env[source]
    if (!path || sources.has(name)) continue
    sources.set(name, source)
    const text = readSecret(path)
    if ('code' in text) {
      const shown = mayHoldSecret(path) ? '…' : path
      problems.push(
        `${source}: 应为可读的文件, ${shown} 无法读取 (expected a file that can be read; ${shown}: ${text.code})`,
      )
    } else given[name] = text.secret
  }
  return { given, sources, problems }
}

/** A URL, whatever it was given for, may have a password in it, or a key. */
export const mayHoldSecret = (given: string): boolean => /:\/\/|@/.test(given)

const isFileVariant = (name: string): boolean => secretSettings.some(secret => name === `${secret}_FILE`)

/** The file's text, or why there is none. */
export function readSecret(path: string): { readonly secret: string } | { readonly code: string } {
  try {
    return { secret: readFileSync(path, 'utf8').trim() }
  } catch (cause) {
    return { code: String((cause as NodeJS.ErrnoException).code) }
  }
}
