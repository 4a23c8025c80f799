import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { ROUTES } from '../src/control/routes.ts'
import { SCENES } from '../src/scenes/scenes.ts'
import { openSimulator } from '../src/simulator.ts'

const here = resolve(import.meta.dirname, '..')
const readme = readFileSync(join(here, 'README.md'), 'utf8')

test('SIM-143 the README tells every request of the control API, and every scene', () => {
  const untold = ROUTES.filter(({ method, path }) => {
    const shown = path.replace(/:\w+/g, '\\{\\w+\\}')
    return !new RegExp(`\`${method} ${shown}(\\?[^\`]*)?\``).test(readme)
  }).map(({ method, path }) => `${method} ${path}`)
  expect(untold).toEqual([])
  expect(SCENES.map(({ name }) => name).filter(name => !readme.includes(`\`${name}`))).toEqual([])
})

test('SIM-144 the example with the stock client lists the rooms and hears who joins', async () => {
  const simulator = await openSimulator({ scene: 'demo' })
  const home = await mkdtemp(join(tmpdir(), 'qunhub-example-'))
  onTestFinished(async () => {
    await simulator.stop()
    await rm(home, { recursive: true, force: true })
  })
  const example = spawn(process.execPath, [join(here, 'examples/stock-client.ts'), simulator.controlUrl], {
    env: { ...process.env, HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 50_000,
  })
  const stdout = await text(example.stdout)
  expect(stdout).toMatch(/rooms \d+\njoined \S+/)
  expect(stdout).not.toContain('another room')
})
