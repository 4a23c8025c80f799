/**
 * `npm run house`: the figures of the house, counted in its own source, each with the limit that it is to keep. What is not
 * reached yet is marked; nothing fails for it.
 */
import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, relative, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const gateway = resolve(root, 'packages/gateway/src')
const packages = globSync('packages/*/src', { cwd: root }).map(each => resolve(root, each))

interface Source {
  readonly path: string
  readonly lines: number
  /** Files of the house that are there at run time because of it, and those of which it takes types alone. */
  readonly values: readonly string[]
  readonly types: readonly string[]
}

interface Figure {
  readonly what: string
  readonly is: number
  readonly atMost: number
  readonly where?: string
}

const isTest = (path: string): boolean => /\.(test|contract)\.tsx?$/.test(path)

function readSources(folder: string): Source[] {
  return globSync('**/*.{ts,tsx}', { cwd: folder })
    .map(path => resolve(folder, path))
    .filter(path => !isTest(path) && !path.includes('node_modules'))
    .map(path => {
      const text = readFileSync(path, 'utf8')
      const imports = [...text.matchAll(/^(?:import|export)\s+(type\s+)?([^'";]*?)\s*from\s+'(\.[^']+)'/gm)]
      const isOfTypes = (isType: string | undefined, names: string) =>
        isType !== undefined || /^\{(?:\s*type\s+[^,}]+,?)+\s*\}$/.test(names)
      const targets = (wanted: boolean) =>
        imports
          .filter(([, isType, names]) => isOfTypes(isType, names!) === wanted)
          .map(([, , , target]) => resolve(dirname(path), target!))
      return { path, lines: text.split('\n').length - 1, values: targets(false), types: targets(true) }
    })
}

/** Groups of files each of which leads to all others (Tarjan); those of one file are none. */
function cyclesOf(sources: readonly Source[], leadsTo: (source: Source) => readonly string[]): string[][] {
  const byPath = new Map(sources.map(source => [source.path, source]))
  const seen = new Map<string, { index: number; low: number; onStack: boolean }>()
  const stack: string[] = []
  const cycles: string[][] = []
  const visit = (path: string) => {
    const at = { index: seen.size, low: seen.size, onStack: true }
    seen.set(path, at)
    stack.push(path)
    for (const next of leadsTo(byPath.get(path)!)) {
      if (!byPath.has(next)) continue
      const known = seen.get(next)
      if (!known) at.low = Math.min(at.low, visit(next).low)
      else if (known.onStack) at.low = Math.min(at.low, known.index)
    }
    if (at.low !== at.index) return at
    const cycle: string[] = []
    for (let last = ''; last !== path; ) {
      last = stack.pop()!
      seen.get(last)!.onStack = false
      cycle.push(last)
    }
    if (cycle.length > 1) cycles.push(cycle)
    return at
  }
  for (const { path } of sources) if (!seen.has(path)) visit(path)
  return cycles
}

/** The folder with the most source files right in it. */
function fullestFolder(sources: readonly Source[]): [string, number] {
  const counts = new Map<string, number>()
  for (const { path } of sources) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1)
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]!
}

/** Counts the house as it stands. */
export function figures(): Figure[] {
  const sources = readSources(gateway)
  // Shelves are for whoever looks for a file, in every package.
  const [folder, files] = fullestFolder(packages.flatMap(readSources))
  const story = sources.find(({ path }) => basename(path) === 'gateway.ts' && dirname(path) === gateway)!
  const lengths = sources.map(({ lines }) => lines).toSorted((a, b) => a - b)
  const longest = sources.toSorted((a, b) => b.lines - a.lines)[0]!
  const valueCycles = cyclesOf(sources, ({ values }) => values)
  const typeCycles = cyclesOf(sources, ({ values, types }) => [...values, ...types])
  // A cycle of values may be longer by types; it is counted above.
  const ofTypes = typeCycles.filter(cycle => !valueCycles.some(([path]) => cycle.includes(path!)))
  const within = (path: string) => relative(root, path)
  return [
    { what: 'source files in the fullest folder', is: files, atMost: 35, where: within(folder) },
    { what: 'lines of gateway.ts', is: story.lines, atMost: 180 },
    { what: 'imports of gateway.ts', is: story.values.length + story.types.length, atMost: 38 },
    {
      what: 'source lines of the gateway',
      is: lengths.reduce((sum, lines) => sum + lines, 0),
      atMost: 24_000,
    },
    { what: 'source files of the gateway', is: sources.length, atMost: 260 },
    { what: 'cycles of imports', is: valueCycles.length, atMost: 0, where: wordsOf(valueCycles) },
    { what: 'cycles of types alone', is: ofTypes.length, atMost: 5, where: wordsOf(ofTypes) },
    { what: 'lines of a file, 90th percentile', is: lengths[Math.floor(lengths.length * 0.9)]!, atMost: 170 },
    { what: 'lines of the longest file', is: longest.lines, atMost: 250, where: within(longest.path) },
  ]
}

const wordsOf = (cycles: readonly string[][]): string =>
  cycles.map(cycle => cycle.map(path => relative(gateway, path)).join(' ')).join(' | ')

if (process.argv[1] === import.meta.filename) {
  for (const { what, is, atMost, where } of figures())
    console.log(
      `${is <= atMost ? ' ' : '!'} ${what.padEnd(36)} ${String(is).padStart(6)}  ≤ ${String(atMost).padEnd(6)} ${where ?? ''}`.trimEnd(),
    )
}
