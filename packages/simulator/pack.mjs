/**
 * Makes `dist/`, or (emptied before) the folder that is named: the simulator as a package of its own. `npm run pack -w
 * @qunhub/simulator`, then `npm publish` or `npm pack` there. Node strips no types below node_modules, so whoever installs it
 * needs JavaScript; and the monorepo's package.json points at the sources, so the published one is written here.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { allBelow } from '../../deploy/all-below.mjs'

const here = import.meta.dirname
const dist = resolve(process.argv[2] ?? join(here, 'dist'))
rmSync(dist, { recursive: true, force: true })
const tsc = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc')
execFileSync(process.execPath, [tsc, '-p', join(here, 'tsconfig.pack.json'), '--outDir', dist], {
  stdio: 'inherit',
})

const readJson = file => JSON.parse(readFileSync(join(here, file), 'utf8'))
const source = readJson('package.json')
const { name, version, description, license, type, dependencies } = source
const published = {
  ...{ name, version, description, license, type },
  engines: { node: '>=22' },
  bin: { 'qunhub-simulator': './main.js' },
  exports: { '.': { types: './index.d.ts', default: './index.js' } },
  dependencies: allBelow(Object.keys(dependencies), readJson('../../package-lock.json')),
}
writeFileSync(join(dist, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
copyFileSync(join(here, 'README.md'), join(dist, 'README.md'))
copyFileSync(join(here, '../../LICENSE'), join(dist, 'LICENSE'))
