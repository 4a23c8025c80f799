import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfig } from '../../config/config.ts'
import { silentLog } from '../../system/log.ts'
import { startDemo } from './demo.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'qunhub-demo-'))
})
afterEach(() => rm(dataDir, { recursive: true }))

/** What a start that is over by now had for an address, and what it printed; `during` runs beside it. */
async function startOnce(during: () => Promise<unknown> = async () => {}) {
  const env = { PORT: '0', QUNHUB_SIMULATOR_PORT: '0', QUNHUB_DATA_DIR: dataDir, QUNHUB_CONSOLE: 'off' }
  const printed: string[] = []
  const demo = await startDemo(readConfig(env), silentLog, line => void printed.push(line))
  await during()
  await demo.stop()
  const { receiverUrl } = JSON.parse(await readFile(join(dataDir, 'demo.json'), 'utf8')) as {
    receiverUrl: string
  }
  return { receiverUrl, introduction: printed[0]! }
}

test('CLI-43 an address that somebody set is kept at each start after it, which says so; its own receiver is not, for its port changes', async () => {
  const first = await startOnce()
  const mine = 'http://127.0.0.1:9/mine'
  const second = await startOnce(() => runCliHere(`callback set-url ${mine}`, { QUNHUB_DATA_DIR: dataDir }))
  expect(second.receiverUrl).not.toBe(first.receiverUrl)
  expect(second.introduction).toContain('callbacks as they are heard')
  expect((await startOnce()).receiverUrl).toBe(mine)
  const third = await startOnce(() => runCliHere('callback clear-url', { QUNHUB_DATA_DIR: dataDir }))
  expect(third.receiverUrl).toBe(mine)
  expect(third.introduction).toContain(`callbacks      ${mine}`)
  expect(third.introduction).not.toContain('callbacks as they are heard')
  expect((await startOnce()).introduction).toContain('callbacks as they are heard')
})
