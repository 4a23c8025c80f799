import { globSync, readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { READ_AT_START } from '../packages/gateway/pack/read-at-start.ts'

const root = resolve(import.meta.dirname, '..')
const gateway = resolve(root, 'packages/gateway/src')
const wire = resolve(root, 'packages/wire/src')

/** From the bottom to the top; neighbours on one floor do not know each other. docs/floors.md says the same in words. */
const floors: readonly (readonly string[])[] = [
  ['system'],
  ['model', 'version.ts'],
  ['config'],
  ['store', 'puppet', 'master-key.ts'],
  ['contact'],
  ['room', 'neighbour', 'chatroom', 'callback', 'alert', 'operator', 'people', 'node'],
  ['metrics'],
  ['http'],
  ['open-callbacks.ts', 'open-hosting.ts', 'stop-time.ts'],
  ['open-to-customers.ts', 'open-to-operators.ts'],
  ['gateway-options.ts'],
  ['gateway.ts'],
  ['cli'],
]

/** What a package may import of its neighbours; everything else it brings itself. */
const packagesBelow: Readonly<Record<string, readonly string[]>> = {
  wire: [],
  simulator: [],
  // Not even wire: what it has of it was written from it (packages/client/src/contract.ts).
  client: [],
  // Its types, and the two halves of what is said in both languages: the schemas would be half of what a browser loads at first.
  console: [
    ...['@qunhub/wire', '@qunhub/wire/words', '@qunhub/wire/contact-file', '@qunhub/wire/sample-bodies'],
  ],
  gateway: [
    ...['@qunhub/wire', '@qunhub/wire/words', '@qunhub/wire/contact-file', '@qunhub/wire/sample-bodies'],
    '@qunhub/simulator',
  ],
}

const sources = (folder: string): string[] =>
  globSync('**/*.{ts,tsx}', { cwd: folder })
    .map(file => resolve(folder, file))
    .filter(file => !file.includes('node_modules'))

const isTest = (file: string): boolean => /\.(test|contract)\.ts$/.test(file)

const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(match => match[1]!)

const room = (file: string): string => relative(gateway, file).split('/')[0]!
const floorOf = (file: string): number => floors.findIndex(names => names.includes(room(file)))

/** Of the contract what is named is read, and not the rest: nothing there does anything when it is read, so a bundle leaves it out. */
const fileOfName = new Map<string, string>()
function nameFiles(index: string): void {
  for (const [, names = '', from = ''] of readFileSync(index, 'utf8').matchAll(
    /^export (\*|\{[^}]*\}) from '([^']+)'/gm,
  )) {
    const file = resolve(dirname(index), from)
    if (names === '*' && file.endsWith('/index.ts')) nameFiles(file)
    const exported =
      names === '*' ? readFileSync(file, 'utf8').matchAll(/^export const (\w+)/gm) : valuesIn(names)
    for (const [, name] of exported) fileOfName.set(name!, file)
  }
}
const valuesIn = (names: string) => names.matchAll(/(?<=[{,]\s*)(?!type )(\w+)/g)
nameFiles(resolve(wire, 'index.ts'))

/** What is read with a file before anything runs; types are not. */
function readWith(file: string, read = new Set<string>()): Set<string> {
  if (read.has(file)) return read
  read.add(file)
  for (const [, names = '', from = ''] of readFileSync(file, 'utf8').matchAll(
    /^(?:import|export) (\*|\* as \w+|\w+|(?:\w+, )?\{[^}]*\}) from '([^']+)'/gm,
  )) {
    if (/^\{(?:\s*type \w+,?)+\s*\}$/.test(names)) continue
    if (from.startsWith('.')) readWith(resolve(dirname(file), from), read)
    else if (from === '@qunhub/wire') {
      // A name that is not found is the name of no file either, and ends the test.
      for (const [, name] of valuesIn(names)) readWith(fileOfName.get(name!) ?? resolve(wire, name!), read)
    } else if (from.startsWith('@qunhub/wire/')) readWith(resolve(wire, from.slice(13), 'index.ts'), read)
    else read.add(from)
  }
  return read
}

/** `file → import` for every import that climbs, goes sideways, or leaves the house by a window. */
function importsThatClimb(): string[] {
  return sources(gateway)
    .filter(file => !isTest(file))
    .flatMap(file =>
      importsOf(file)
        .filter(name => name.startsWith('.'))
        .map(name => resolve(dirname(file), name))
        .filter(target => room(target) !== room(file) && floorOf(target) >= floorOf(file))
        .map(target => `${relative(root, file)} → ${relative(root, target)}`),
    )
}

describe('imports point down', () => {
  test('FL-1 every file of the gateway stands on a floor', () => {
    const homeless = sources(gateway).filter(file => !isTest(file) && floorOf(file) < 0)
    expect(homeless.map(file => relative(root, file))).toEqual([])
    expect(sources(gateway).length).toBeGreaterThan(50)
  })

  test('FL-2 a file imports its own folder and lower floors only', () => {
    expect(importsThatClimb()).toEqual([])
  })

  test('FL-3 a package knows only the packages below it', () => {
    const trespasses = Object.entries(packagesBelow).flatMap(([name, below]) =>
      sources(resolve(root, 'packages', name, 'src')).flatMap(file =>
        importsOf(file)
          .filter(target => target.startsWith('@qunhub/') || target.includes('/packages/'))
          .filter(target => !isTest(file) && !below.includes(target))
          .map(target => `${relative(root, file)} → ${target}`),
      ),
    )
    expect(trespasses).toEqual([])
  })

  test('FL-4 only the command line and the tests know the simulator', () => {
    const knowing = sources(gateway)
      .filter(file => !isTest(file) && importsOf(file).includes('@qunhub/simulator'))
      .map(file => room(file))
    expect(new Set(knowing)).toEqual(new Set(['cli']))
  })

  test('FL-5 SQL stands in store/ and gRPC in puppet/, nowhere else', () => {
    const outside = (folder: string, library: RegExp) =>
      sources(gateway)
        .filter(
          file => !isTest(file) && room(file) !== folder && importsOf(file).some(name => library.test(name)),
        )
        .map(file => relative(root, file))
    expect(outside('store', /^(node:sqlite|kysely|pg)$/)).toEqual([])
    expect(outside('puppet', /^(@juzi\/wechaty-grpc|@grpc\/)/)).toEqual([])
  })

  test('FL-6 a start reads neither other commands, nor what operators ask, nor what a terminal or PostgreSQL needs', () => {
    const read = READ_AT_START.flatMap(file => [...readWith(resolve(gateway, file))])
    expect(read).toContain(resolve(gateway, 'http/server.ts'))
    expect(read).toContain(resolve(wire, 'model/ids.ts'))
    const late = [
      ...['cli/commands.ts', 'operator/verbs.ts', 'http/later/operator-routes.ts'].map(file =>
        resolve(gateway, file),
      ),
      resolve(wire, 'console/door/verbs.ts'),
    ]
    expect(read.filter(file => [...late, 'pg', 'pino-pretty', 'qr'].includes(file))).toEqual([])
  })
})
