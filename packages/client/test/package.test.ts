import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, expect, test } from 'vitest'

const here = resolve(import.meta.dirname, '..')
const dist = join(here, 'dist')
const GZIPPED_BYTES_MAX = 8 * 1024

/** Somebody's source, for a bundler. */
let folder: string

beforeAll(() => {
  execFileSync(process.execPath, [join(here, 'pack.mjs')], { stdio: 'pipe' })
  folder = mkdtempSync(join(tmpdir(), 'qunhub-bundled-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('CL-15 the package brings nothing along: no dependencies, no scripts, and no import but of itself', () => {
  const { dependencies, scripts, exports, ...published } = JSON.parse(
    readFileSync(join(dist, 'package.json'), 'utf8'),
  )
  expect([dependencies, scripts, published.private]).toEqual([undefined, undefined, undefined])
  expect(published).toMatchObject({ type: 'module', sideEffects: false, engines: { node: '>=20.19' } })
  expect(Object.keys(exports)).toContain('./receiver/node')
  const files = globSync('**/*.{js,d.ts}', { cwd: dist })
  const foreign = files.flatMap(file => {
    const names = [...readFileSync(join(dist, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)]
    return (
      names
        .filter(([, name]) => !/^\.{1,2}\/.*\.js$/.test(name!))
        // Only the world for tests needs a Node; all else runs wherever there is `fetch`.
        .filter(([, name]) => !(file.startsWith('testing/start-world') && name!.startsWith('node:')))
        .map(([, name]) => `${file}: ${name}`)
    )
  })
  expect(files.length).toBeGreaterThan(20)
  expect(foreign).toEqual([])
  const nodeOnly = files.filter(
    file =>
      file.endsWith('.js') &&
      /\b(?:process|Buffer)\.[a-z]|\brequire\(/.test(readFileSync(join(dist, file), 'utf8')),
  )
  expect(nodeOnly).toEqual(['testing/start-world.js'])
  const pages = globSync('*.md', { cwd: dist })
  expect(pages).toHaveLength(3)
  for (const page of pages) {
    const text = readFileSync(join(dist, page), 'utf8')
    expect(text.length).toBeGreaterThan(1000)
    expect([...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].filter(([, to]) => !pages.includes(to!))).toEqual(
      [],
    )
  }
})

test('CL-15 CommonJS can require it', () => {
  mkdirSync(join(folder, 'node_modules/@qunhub'), { recursive: true })
  symlinkSync(dist, join(folder, 'node_modules/@qunhub/client'))
  const source = `const { createClient } = require('@qunhub/client')
    const { toNode } = require('@qunhub/client/receiver/node')
    console.log(typeof createClient, typeof toNode)`
  writeFileSync(join(folder, 'old.cjs'), source)
  const said = execFileSync(process.execPath, [join(folder, 'old.cjs')], { encoding: 'utf8' })
  expect(said).toBe('function function\n')
})

test('CL-15 both READMEs show the same code, and what it imports is there', async () => {
  const code = (page: string) =>
    [...readFileSync(join(here, page), 'utf8').matchAll(/^ *```ts\n(.*?)```/gms)].map(([, block]) => block!)
  /** Without its comments, and what it says to people. */
  const bare = (blocks: string[]) =>
    blocks.map(block =>
      block.replaceAll(/\s+\/\/ .*|'(?:[^'\n]*\p{Script=Han}[^'\n]*|added|was there before|test)'/gu, ''),
    )
  const [zh, en] = [code('README.zh-CN.md'), code('README.md')]
  expect(bare(en)).toEqual(bare(zh))
  const imports = en.join('').matchAll(/import \{ (.+?) \} from '@qunhub\/client(\/[^']+)?'/g)
  for (const [, names, path = ''] of imports) {
    const file = path === '' || /^\/(?:receiver|testing)$/.test(path) ? `${path}/index.js` : `${path}.js`
    const module: object = await import(join(dist, file))
    for (const name of names!.split(', ')) expect(module).toHaveProperty(name)
  }
})

test.each([
  ['the calls', { createClient: 'index.js' }],
  ['the receiver', { createReceiver: 'receiver/index.js' }],
  ['the receiver for Node', { createReceiver: 'receiver/index.js', toNode: 'receiver/node.js' }],
])('CL-14 8 KB at most, as a bundler ships it, compressed: %s', async (what, names) => {
  const input = join(folder, 'entry.js')
  const lines = Object.entries(names).map(([name, file]) => `export { ${name} } from '${join(dist, file)}'`)
  writeFileSync(input, lines.join('\n'))
  const bundle = await rolldown({ input, cwd: folder })
  const { output } = await bundle.generate({ format: 'esm', minify: true })
  await bundle.close()
  expect(output).toHaveLength(1)
  const bytes = gzipSync(output[0].code).length
  console.info(`${what}: ${bytes} bytes`)
  expect(bytes).toBeLessThanOrEqual(GZIPPED_BYTES_MAX)
})
