/**
 * Builds the console into `dist/`, with each file compressed once beside it; where `dist/` was built from just these sources, it
 * does nothing. It is built in a folder of its own and then put in place whole: a gateway that serves it meanwhile, or a second
 * build at the same time, never sees half of one.
 */
import { createHash } from 'node:crypto'
import { globSync, rmSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const home = import.meta.dirname
const dist = join(home, 'dist')
const draft = join(home, `dist-${process.pid}`)
/** What `dist/` was built from; it lies in it. */
const BUILT_FROM = 'built-from.txt'
/** A bit more than 9 saves 2 % and takes three times as long. */
const BROTLI_QUALITY = 9
const COMPRESSED = /\.(js|css|svg)$/
/** Another build may put its own in place between two steps of ours. */
const TRIES_MAX = 5

const fingerprint = await fingerprintOfSources()
if (fingerprint !== (await builtFrom())) await buildAnew()
// Whoever looks at times only, as the gateway does at its start, sees that it is up to date.
else await utimes(join(dist, BUILT_FROM), new Date(), new Date())

async function buildAnew() {
  process.env.QUNHUB_CONSOLE_OUT = draft
  // Under a test it says otherwise, and what is built then, with all that React checks, would be served by the next start.
  process.env.NODE_ENV = 'production'
  // Whoever wanted it built may end before it is.
  process.once('exit', () => rmSync(draft, { recursive: true, force: true }))
  // Only who builds needs it: where nothing is to be done, a start does not wait for it.
  const { build } = await import('vite')
  await build({ root: home, logLevel: 'error' })
  await compressAll(draft)
  await writeFile(join(draft, BUILT_FROM), fingerprint)
  await putInPlace()
}

async function fingerprintOfSources() {
  const hash = createHash('sha256')
  const own = globSync('{src/**/*,public/*,index.html,vite.config.ts,build.mjs,package.json}', { cwd: home })
  const wire = globSync('../wire/src/**/*.ts', { cwd: home, exclude: name => /\.test\.ts$/.test(name) })
  for (const file of [...own.toSorted(), ...wire.toSorted()]) {
    if (!/\.\w+$/.test(file)) continue
    hash.update(`${file}\0`).update(await readFile(join(home, file)))
  }
  return hash.digest('hex')
}

async function builtFrom() {
  try {
    return await readFile(join(dist, BUILT_FROM), 'utf8')
  } catch (failure) {
    if (failure.code === 'ENOENT') return undefined
    throw failure
  }
}

/** index.html is made anew for each answer (its nonce), so it is small and goes out as it is. */
async function compressAll(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile() && COMPRESSED.test(entry.name))
  await Promise.all(files.map(file => compress(join(file.parentPath, file.name))))
}

async function compress(file) {
  const bytes = await readFile(file)
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
    promisify(gzip)(bytes, { level: 9 }),
  ])
  await Promise.all([writeFile(`${file}.br`, br), writeFile(`${file}.gz`, gz)])
}

async function putInPlace(tries = 1) {
  const former = `${draft}-former`
  try {
    await mkdir(dist, { recursive: true })
    await rename(dist, former)
    await rm(former, { recursive: true, force: true })
    await rename(draft, dist)
  } catch (failure) {
    if (tries === TRIES_MAX || !['ENOENT', 'ENOTEMPTY', 'EEXIST', 'EPERM'].includes(failure.code))
      throw failure
    await putInPlace(tries + 1)
  }
}
