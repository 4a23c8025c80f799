import { type Office, openOffice } from '@qunhub/testing/grounds/open-office.ts'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openOperatorDoor } from '../http/doors/operator-door.ts'
import { silentLog } from '../system/log.ts'
import { showTime } from './show/show-time.ts'

let office: Office
let door: Awaited<ReturnType<typeof openOperatorDoor>>
beforeEach(async () => {
  office = await openOffice()
  door = await openOperatorDoor({ dataDir: office.dataDir, deps: office.deps, log: silentLog })
})
afterEach(async () => {
  await door.close()
  await office.close()
})

test('CLI-81 rotate-secret says, Chinese first, which former secret has ended before its time', async () => {
  const workspace = await office.workspaceNamed('甲')
  const { secret } = await office.value('set-callback-url', { workspace, url: 'https://shop.example/' })
  const { formerUntil } = await office.value('rotate-callback-secret', { workspace })
  const rotate = () => runCliHere('callback rotate-secret', { QUNHUB_DATA_DIR: office.dataDir })
  for (let n = 0; n < 3; n++) expect((await rotate()).stdout).not.toContain('提前失效')

  const { exitCode, stdout } = await rotate()
  expect(exitCode).toBe(0)
  const told = stdout.split('\n').find(line => line.includes('提前失效'))
  expect(told).toMatch(/^最多同时保留 5 个签名密钥/)
  expect(told).toContain(secret!.slice(0, 14))
  expect(told).toContain(showTime(formerUntil))
  expect(told).toContain('ended early')
  expect(stdout).not.toContain(secret)
})
