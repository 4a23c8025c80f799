import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { startWorld } from '../src/testing/index.ts'

const worlds = () => readdirSync(tmpdir()).filter(name => name.startsWith('qunhub-world-'))

// That one starts is a trial (tests/trials/installed-client.test.ts): it takes the seconds of a whole product.
test('CL-17 a world that does not start says why, and leaves nothing behind', async () => {
  const before = worlds()
  const fails = [
    process.execPath,
    '-e',
    'console.error("no such scene: " + process.env.QUNHUB_SCENE); process.exit(2)',
  ]
  await expect(startWorld({ command: fails, scene: 'x' })).rejects.toThrow(/exit 2\s+no such scene: x/)
  await expect(startWorld({ command: ['/no/such/qunhub'] })).rejects.toThrow(/ENOENT/)
  const hangs = [process.execPath, '-e', 'setTimeout(() => {}, 60000)']
  await expect(startWorld({ command: hangs, startMaxMs: 1 })).rejects.toThrow(/not ready in time/)
  expect(worlds().filter(name => !before.includes(name))).toEqual([])
})
