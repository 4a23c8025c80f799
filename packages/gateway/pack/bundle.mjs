/** The gateway's sources and nearly all that they stand on, in few files of JavaScript. */
import { createRequire, isBuiltin } from 'node:module'
import { basename, join, resolve } from 'node:path'
import { rolldown } from 'rolldown'
import { leftOut } from './left-out.ts'
import { READ_AT_START } from './read-at-start.ts'

/** It looks for its own parts by names that it makes when it runs, so it stays a package beside the bundle. */
export const EXTERNAL = '@juzi/wechaty-grpc'

const PACKAGE = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/

/** Resolves with the names of the packages that are in it. */
export async function bundle(entry, dist) {
  const client = await write(
    { input: require.resolve(HTTP_CLIENT) },
    { file: join(dist, CLIENT_FILE), format: 'cjs', minify: { ...MINIFIED, mangle: true } },
  )
  // `pg` asks for the latter where it is there.
  const main = await write(
    { input: { main: entry }, external: ['pg-native'], plugins: [shippedPlaces, readWhenUsed] },
    { dir: dist, entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
    readTogether,
  )
  const modules = [...client, ...main].flatMap(chunk => Object.keys(chunk.modules ?? {}))
  return [...new Set(modules.map(file => PACKAGE.exec(file)?.[1]).filter(Boolean))]
}

/** `group` is shown what the bundler would write by itself, and says what of it should be one file. */
async function write(input, output, group) {
  const built = await rolldown({ platform: 'node', ...input })
  const options = { keepNames: true, minify: MINIFIED, ...output }
  const codeSplitting = group && { groups: group((await built.generate(options)).output) }
  const written = await built.write({ ...options, ...(group && { codeSplitting }) })
  await built.close()
  return written.output
}

/**
 * By itself the bundler makes a file of whatever the same others share, some thirty of which a start reads one by one: a fifth of it
 * (P10). What a start reads is two: what other commands read, too, and the rest.
 */
function readTogether(chunks) {
  const named = new Map(chunks.map(chunk => [chunk.fileName, chunk]))
  const readWith = (...sources) => {
    const read = new Set()
    const add = name => {
      if (!named.has(name) || read.has(name)) return
      read.add(name)
      named.get(name).imports.forEach(add)
    }
    for (const source of sources) {
      const chunk = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith(`/gateway/src/${source}`))
      if (!chunk) throw new Error(`${source} is not read by itself any more: what a start reads is another`)
      add(chunk.fileName)
    }
    return new Set([...read].flatMap(name => Object.keys(named.get(name).modules)))
  }
  const atStart = readWith(...READ_AT_START)
  const byOthers = readWith('cli/main.ts', 'cli/commands.ts')
  const mayMove = id => atStart.has(id) && !id.endsWith('/cli/main.ts') && !id.startsWith('\0rolldown')
  return [
    { name: 'common', test: id => mayMove(id) && byOthers.has(id), priority: 1 },
    { name: 'serving', test: mayMove },
  ]
}

/** Errors go by the names of their classes, and what a stack names of ours should be found in the sources: names stay. */
const MINIFIED = { compress: true, mangle: false, codegen: { removeWhitespace: true } }

/** What is read by its path lies elsewhere in the package. */
const shippedPlaces = {
  name: 'shipped-places',
  resolveId(source, importer) {
    if (basename(source) !== 'where-files-lie.ts' || !importer) return null
    return resolve(importer, '..', source).replace(/\.ts$/, '.shipped.ts')
  },
}

const require = createRequire(import.meta.url)
/** A third of all code, and not needed before there is a callback: a file of its own. */
const HTTP_CLIENT = 'undici'
const CLIENT_FILE = 'undici.cjs'
const LIES_AT = { [EXTERNAL]: EXTERNAL, [HTTP_CLIENT]: `./${CLIENT_FILE}` }
/** Parts of Node that take time to be read, and that no start has a use for. */
const LATE_PARTS = new Set(['node:http2', 'node:https', 'node:zlib', 'http2', 'https', 'zlib'])
/** Fastify's, for schemas that we do not give it (`create-app.ts`) and requests that are only played, a third of its code; prom-client's, which posts. */
const NEVER_USED = new Set([
  '@opentelemetry/api',
  'semver',
  './lib/pushgateway',
  '@fastify/ajv-compiler',
  '@fastify/fast-json-stringify-compiler',
  'light-my-request',
])
const PREFIX = '\0when-used:'

/**
 * What is imported is read at once, and of a part of Node every name is looked at, which alone reads Node's own HTTP client.
 * Here each is asked for where it is used: a gateway without bots starts without gRPC (P10).
 */
const readWhenUsed = {
  name: 'read-when-used',
  resolveId(source, importer, { kind }) {
    // What the bundler itself adds must be there before any of these.
    const isImport = kind === 'import-statement' && !importer?.startsWith('\0rolldown')
    if (LATE_PARTS.has(source) || NEVER_USED.has(source)) return PREFIX + source
    if (isImport && (isBuiltin(source) || LIES_AT[source])) return PREFIX + source
    return LIES_AT[source] ? { id: LIES_AT[source], external: true } : null
  },
  load(id) {
    if (!id.startsWith(PREFIX)) return null
    const source = id.slice(PREFIX.length)
    if (NEVER_USED.has(source)) return leftOut(source)
    if (isBuiltin(source) && !LATE_PARTS.has(source)) return partOfNode(source)
    const ask = isBuiltin(source) ? 'process.getBuiltinModule' : 'require'
    const names = Object.keys(require(source)).map(name => `get ${name}() { return part().${name} }`)
    return `let known
      const part = () => known ??= ${ask}('${source}')
      module.exports = { ${names.join(', ')} }`
  },
}

/** Its values as they are. What Node makes only when it is looked at is left out: whoever imports that is told when the bundle is made. */
function partOfNode(name) {
  const parts = Object.getOwnPropertyDescriptors(process.getBuiltinModule(name))
  const values = Object.keys(parts).filter(
    part => 'value' in parts[part] && /^\w+$/.test(part) && part !== 'default',
  )
  return `const part = process.getBuiltinModule('${name}')
    export default part
    export const { ${values.join(', ')} } = part`
}
