/** Whose work is in the package, under which licence, and in which words: their licences want to be handed on with it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../../..')
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
const LICENCE_FILE = /^(licen[cs]e|notice|copying)/i
/** Of the console's packages, those that only build it. */
const ONLY_BUILDS = /^(@types\/|@qunhub\/|vite$)/

/** One text: of what was bundled as it is told, of the rest with all that it depends on. */
export function thirdParties(bundled, withWhatIsBelow) {
  const names = new Set(bundled.filter(name => !name.startsWith('@qunhub/')))
  for (const name of withWhatIsBelow) if (!ONLY_BUILDS.test(name)) addWithWhatIsBelow(name, names)
  const told = [...names].toSorted().map(name => {
    const { version, license } = locked(name)
    return { head: `${name} ${version} (${license ?? 'see below'})`, words: wordsOf(name) }
  })
  const byWords = Map.groupBy(told, ({ words }) => words)
  return [...byWords]
    .map(([words, those]) => `${those.map(({ head }) => head).join('\n')}\n\n${words}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`)
}

function addWithWhatIsBelow(name, names) {
  const found = packages[`node_modules/${name}`]
  // Another platform's, or a peer that is not used.
  if (!found || names.has(name)) return
  names.add(name)
  for (const below of Object.keys({ ...found.dependencies, ...found.peerDependencies }))
    if (!ONLY_BUILDS.test(below)) addWithWhatIsBelow(below, names)
}

function locked(name) {
  const found = packages[`node_modules/${name}`]
  if (!found) throw new Error(`${name} is in the bundle, and not in package-lock.json`)
  return found
}

function wordsOf(name) {
  const folder = join(root, 'node_modules', name)
  const files = readdirSync(folder).filter(file => LICENCE_FILE.test(file) && !file.endsWith('.js'))
  const texts = files.map(file => readFileSync(join(folder, file), 'utf8').trim())
  return texts.join('\n\n') || '(the package carries no text of its licence)'
}
