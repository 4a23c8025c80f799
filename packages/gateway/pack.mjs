/**
 * Makes `dist/`, or (emptied before) the folder that is named: the gateway as the package `qunhub`, one bundle with the console
 * and the documents. It needs no build, no sources, and no second Node where the machine has Node 24 (docs/decisions/0087).
 * `npm run pack` makes the file of it.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { allBelow } from '../../deploy/all-below.mjs'
import { bundle, EXTERNAL } from './pack/bundle.mjs'
import { thirdParties } from './pack/third-parties.mjs'

const here = import.meta.dirname
const root = join(here, '../..')
const dist = resolve(process.argv[2] ?? join(here, 'dist'))
const readJson = file => JSON.parse(readFileSync(join(root, file), 'utf8'))
const require = createRequire(import.meta.url)

rmSync(dist, { recursive: true, force: true })
mkdirSync(dist, { recursive: true })
const bundled = await bundle(join(here, 'src/cli/main.ts'), dist)
for (const file of ['pack/qunhub.cjs', 'pack/README.md'])
  copyFileSync(join(here, file), join(dist, file.slice(5)))
for (const file of ['run-on-node-26.mjs', 'LICENSE']) copyFileSync(join(root, file), join(dist, file))
copyConsole()
copyWhatIsTried()
const { devDependencies: ofConsole } = readJson('packages/console/package.json')
writeFileSync(
  join(dist, 'THIRD-PARTY.txt'),
  thirdParties(bundled, [...Object.keys(ofConsole), 'swagger-ui-dist']),
)
writeFileSync(join(dist, 'package.json'), `${JSON.stringify(published(), null, 2)}\n`)

/** Without the copies that are compressed, which cannot be packed any smaller: whoever serves it makes them. */
function copyConsole() {
  execFileSync(process.execPath, [join(root, 'packages/console/build.mjs')], { stdio: 'inherit' })
  const built = join(root, 'packages/console/dist')
  cpSync(built, join(dist, 'console/dist'), { recursive: true, filter: file => !/\.(br|gz)$/.test(file) })
}

/** As `where-files-lie.shipped.ts` looks for it. */
function copyWhatIsTried() {
  const folder = join(dist, 'try')
  mkdirSync(folder)
  for (const name of ['swagger-ui-bundle.js', 'swagger-ui.css'])
    copyFileSync(require.resolve(`swagger-ui-dist/${name}`), join(folder, name))
  for (const name of ['try.js', 'try.css'])
    copyFileSync(join(here, 'src/http/docs/in-browser', name), join(folder, name))
}

/** What is beside the bundle is pinned down to what it stands on, so that what is installed is what was tested. */
function published() {
  const source = readJson('package.json')
  const { version, description, license } = source
  return {
    ...{ name: 'qunhub', version, description, license, type: 'module' },
    keywords: ['qunhub', '群枢', '企业微信', 'wecom', 'wechaty', '秒回'],
    // It runs on 24 and newer; for older ones npm brings a Node 26 along.
    engines: { node: '>=20.19' },
    bin: { qunhub: './qunhub.cjs' },
    dependencies: allBelow([EXTERNAL], readJson('package-lock.json')),
    optionalDependencies: source.optionalDependencies,
  }
}
