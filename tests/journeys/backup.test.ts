import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfig } from '../../packages/gateway/src/config/config.ts'
import { openGateway } from '../../packages/gateway/src/gateway.ts'

let house: House
let folder: string
beforeEach(async () => {
  house = await openHouse({ store: 'sqlite' })
  folder = await mkdtemp(join(tmpdir(), 'qunhub-backup-'))
})
afterEach(async () => {
  await house.close()
  await rm(folder, { recursive: true })
})

test('CLI-132 a backup that was made while the gateway ran is restored elsewhere: chatIds, tokens and secrets are the same, and what was owed is told under its webhook-id', async () => {
  const bot = house.world.addBot({ userId: 'xiaobei', nickName: '小北' })
  const shop = house.world.addRoom({
    topic: '大街小巷',
    ownerId: bot.wxid,
    members: [bot.wxid],
    external: true,
  })
  house.customer.answerWith(() => 503)
  await house.host(bot)
  const [owed] = await house.customer.nextHeard(1)
  const before = await house.get('/room/list')
  expect((before.body as { data: unknown[] }).data).toHaveLength(1)
  const { secret } = await house.operate('show-callback-secret', {})

  const made = await runCliHere(`backup ${folder}/a.sqlite`, { QUNHUB_DATA_DIR: house.dataDir })
  expect(made).toMatchObject({ exitCode: 0, stderr: '' })
  await house.gateway.stop()

  const dataDir = join(folder, 'restored')
  await mkdir(dataDir, { mode: 0o700 })
  await copyFile(join(folder, 'a.sqlite'), join(dataDir, 'qunhub.sqlite'))
  await copyFile(join(house.dataDir, 'secret.key'), join(dataDir, 'secret.key'))
  house.customer.answerWith([])
  const restored = await openGateway(
    readConfig({ PORT: '0', QUNHUB_DATA_DIR: dataDir, QUNHUB_CALLBACK_ALLOW_CIDRS: '127.0.0.0/8' }),
  )
  try {
    expect(restored.baseUrl).not.toBe(house.baseUrl)
    const list = await fetch(`${restored.baseUrl}/room/list?token=${house.token}`)
    expect(await list.json()).toEqual(before.body)

    let told = await house.customer.nextHeard(1)
    while (told[0]!.headers['webhook-id'] !== owed!.headers['webhook-id'])
      told = await house.customer.nextHeard(1)
    expect(told[0]!.body.equals(owed!.body)).toBe(true)
    new Webhook(secret).verify(told[0]!.body.toString(), told[0]!.headers as Record<string, string>)
    expect(told[0]!.json).toMatchObject({ wxid: shop.wxid })
  } finally {
    await restored.stop()
  }
})
