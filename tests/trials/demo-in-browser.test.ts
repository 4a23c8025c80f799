import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeInBrowser } from '@qunhub/testing/browser/describe-in-browser.ts'
import { findFaults } from '@qunhub/testing/browser/find-faults.ts'
import { openVisit, type VisitOptions } from '@qunhub/testing/browser/open-visit.ts'
import { endpoints } from '@qunhub/wire'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Demo, startDemo } from '../../packages/gateway/src/cli/demo/demo.ts'
import { readConfig } from '../../packages/gateway/src/config/config.ts'
import { silentLog } from '../../packages/gateway/src/system/log.ts'

describeInBrowser('the demo in a browser', () => {
  let dataDir: string
  let demo: Demo
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'qunhub-demo-'))
    const env = { PORT: '0', QUNHUB_SIMULATOR_PORT: '0', QUNHUB_DATA_DIR: dataDir }
    demo = await startDemo(readConfig(env), silentLog, () => {})
  })
  afterAll(async () => {
    await demo.stop()
    await rm(dataDir, { recursive: true })
  })

  async function visit(path: string, options: VisitOptions = {}) {
    const visit = await openVisit(demo.baseUrl, options)
    onTestFinished(() => visit.close())
    await visit.page.goto(demo.baseUrl + path)
    return visit
  }

  test('OA-5 each endpoint, executed as it stands, is answered code 0; the browser has nothing to report', async () => {
    const { page, cspReports, foreignRequests, errors } = await visit('/docs/try')
    const answers: Record<string, unknown> = {}
    for (const { name } of endpoints) answers[name] = await execute(page, name)
    expect(answers).toEqual(Object.fromEntries(endpoints.map(({ name }) => [name, 0])))
    expect({ cspReports, foreignRequests, errors }).toEqual({
      cspReports: [],
      foreignRequests: [],
      errors: [],
    })
  })

  test.each([
    ['/docs/try', { width: 1280, colorScheme: 'light' }],
    ['/docs/try/en', { width: 390, colorScheme: 'dark' }],
  ] as const)('OA-6 %s has no fault with an endpoint executed: %o', async (path, options) => {
    const { page } = await visit(path, options)
    await execute(page, 'addMember')
    expect(await findFaults(page)).toEqual([])
  })
})

/** Opens the endpoint and presses its button; the code that came. */
async function execute(page: Page, name: string): Promise<unknown> {
  const endpoint = page.locator(`.opblock[id$="-${name}"]`)
  await endpoint.locator('.opblock-summary-control').click()
  await endpoint.locator('button.execute').click()
  const answer = endpoint.locator('.live-responses-table .response .microlight').first()
  const { code, errcode } = JSON.parse(await answer.innerText()) as { code?: number; errcode?: number }
  return code ?? errcode
}
