import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { control } from './control-client.ts'

const here = resolve(import.meta.dirname, '..')
const root = resolve(here, '../..')

/**
 * A project that has installed the package. What it depends on is linked from here: the registry would give the same, and
 * a test that asks it would fail whenever it is away.
 */
function installed(): string {
  const project = mkdtempSync(join(tmpdir(), 'qunhub-installed-'))
  onTestFinished(() => rmSync(project, { recursive: true, force: true }))
  execFileSync(process.execPath, [join(here, 'pack.mjs')], { stdio: 'pipe' })
  const scope = join(project, 'node_modules/@qunhub')
  mkdirSync(scope, { recursive: true })
  cpSync(join(here, 'dist'), join(scope, 'simulator'), { recursive: true })
  const published = JSON.parse(readFileSync(join(scope, 'simulator/package.json'), 'utf8'))
  for (const name of Object.keys(published.dependencies)) {
    const link = join(project, 'node_modules', name)
    mkdirSync(resolve(link, '..'), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), link)
  }
  return join(scope, 'simulator')
}

/** The first line with this word at its head. */
async function lineOf(child: ChildProcess, head: string): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) if (line.includes(head)) return line
  throw new Error(`it ended without a word of ${head}`)
}

test('SIM-142 the published package runs below node_modules, without this repository and without a build', async () => {
  const folder = installed()
  const published = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  expect(published).toMatchObject({
    name: '@qunhub/simulator',
    engines: { node: '>=22' },
    exports: { '.': {} },
  })
  expect(published).not.toHaveProperty('private')
  expect(published).not.toHaveProperty('scripts')
  const bin = join(folder, published.bin['qunhub-simulator'])
  const child = spawn(process.execPath, [bin, '--scene', 'storm', '--port', '0', '--seed', '3'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const url = (await lineOf(child, 'control')).split(/\s+/).at(-1)!
    const { body } = await control(url, 'GET', '/world')
    expect(body['rooms']).toHaveLength(20)
    expect((await control(url, 'GET', '/storm')).body).toMatchObject({ left: expect.any(Number) })
  } finally {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
})
