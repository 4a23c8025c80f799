import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'

let house: House
beforeEach(async () => {
  house = await openHouse()
})
afterEach(() => house.close())

test('CLI-122 beside a gateway that runs, doctor sees its port, its store, its bots and its receivers as they are', async () => {
  const bot = house.world.addBot({ userId: 'xiaobei', nickName: '小北' })
  await house.host(bot)
  const look = async () => {
    const { stdout } = await runCliHere('doctor --json', {
      QUNHUB_DATA_DIR: house.dataDir,
      PORT: new URL(house.baseUrl).port,
      // What the gateway allows is the gateway's to say, as in the demo.
      QUNHUB_CALLBACK_ALLOW_CIDRS: '',
      ...(house.config.databaseUrl ? { DATABASE_URL: house.config.databaseUrl } : {}),
    })
    return JSON.parse(stdout)
  }
  const { passed, findings } = await look()
  const verdicts = Object.fromEntries(
    findings.map(({ check, verdict }: { check: string; verdict: string }) => [check, verdict]),
  )
  expect(verdicts).toMatchObject({
    gateway: 'passed',
    store: 'passed',
    integrity: house.config.databaseUrl ? 'skipped' : 'passed',
    clock: 'passed',
    port: 'passed',
    ready: 'passed',
    bots: 'passed',
    'callback-address': 'passed',
    connect: 'passed',
  })
  expect(passed).toBe(true)

  house.gateway.takeLeave()
  expect((await look()).findings).toContainEqual(
    expect.objectContaining({ check: 'ready', verdict: 'failed' }),
  )
})
