import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

interface LockedPackage {
  readonly resolved?: string
  readonly link?: boolean
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
