/**
 * Makes `dist/`, or (emptied before) the folder that is named: what would be published. `npm run pack -w @qunhub/client`, then
 * `npm publish` or `npm pack` there. JavaScript and plain declarations, compiled against ES2022 so that nothing newer than Node
 * 20 slips in; a package.json without dependencies and without scripts.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'

const here = import.meta.dirname
const dist = resolve(process.argv[2] ?? join(here, 'dist'))
rmSync(dist, { recursive: true, force: true })
const tsc = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc')
execFileSync(process.execPath, [tsc, '-p', join(here, 'tsconfig.pack.json'), '--outDir', dist], {
  stdio: 'inherit',
})

// The compiler rewrites the endings of imports in JavaScript, and leaves those of declarations.
for (const file of globSync('**/*.d.ts', { cwd: dist })) {
  const path = join(dist, file)
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/(from ')(\.{1,2}\/[^']+)\.ts'/g, "$1$2.js'"))
}

const source = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'))
const { name, version, description, license, type, sideEffects } = source
/** `./src/receiver/node.ts` → what stands in its place here. */
const built = file => {
  const stem = file.replace('./src/', './').replace(/\.ts$/, '')
  return { types: `${stem}.d.ts`, default: `${stem}.js` }
}
const published = {
  ...{ name, version, description, license, type, sideEffects },
  keywords: ['qunhub', '群枢', '企业微信', 'wecom', 'webhook'],
  // From here on CommonJS can require what is written as modules.
  engines: { node: '>=20.19' },
  exports: {
    ...Object.fromEntries(Object.entries(source.exports).map(([path, file]) => [path, built(file)])),
    './package.json': './package.json',
  },
  // For startWorld alone, in tests; nothing of it is imported.
  peerDependencies: { qunhub: `^${version}` },
  peerDependenciesMeta: { qunhub: { optional: true } },
}
writeFileSync(join(dist, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
// What a page shows outside the package is not there for whoever has installed it.
for (const page of ['README.md', 'README.zh-CN.md', 'RULES.md']) {
  const text = readFileSync(join(here, page), 'utf8')
  writeFileSync(join(dist, page), text.replaceAll(/\[([^\]]+)\]\((?:\.\.\/)+[^)]*\)/g, '$1'))
}
copyFileSync(join(here, '../../LICENSE'), join(dist, 'LICENSE'))
