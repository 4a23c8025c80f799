import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

test.each([
  '10.0.0.0',
  '10.0.0.0/33',
  '10/8',
  'crm.example.com',
  '10.0.0.0/8;fd00::/8',
  '::ffff:10.0.0.0/104',
])('CB-11 QUNHUB_CALLBACK_ALLOW_CIDRS=%s does not start a gateway that would allow something else', text => {
  const read = () => readConfig({ QUNHUB_CALLBACK_ALLOW_CIDRS: text })
  expect(read).toThrow(ConfigError)
  expect(read).toThrow('QUNHUB_CALLBACK_ALLOW_CIDRS: expected address ranges such as 10.0.0.0/8,fd00::/8')
})

test('CB-11 QUNHUB_CALLBACK_ALLOW_CIDRS allows nothing by default, and takes several ranges', () => {
  expect(readConfig({}).callbackAllowCidrs).toEqual([])
  const given = readConfig({ QUNHUB_CALLBACK_ALLOW_CIDRS: '10.0.0.0/8, fd00::/8,' })
  expect(given.callbackAllowCidrs).toEqual(['10.0.0.0/8', 'fd00::/8'])
})

test.each(['DELIVERED', 'PARKED'])(
  'CB-8 QUNHUB_CALLBACK_KEEP_%s_DAYS is a whole number of days from 1 to ten years',
  what => {
    const name = `QUNHUB_CALLBACK_KEEP_${what}_DAYS`
    for (const text of ['0', '3651', '-1', '1.5', '3d', '1e3', ' 3'])
      expect(() => readConfig({ [name]: text })).toThrow(`${name}: expected a whole number from 1 to 3650`)
    for (const days of [1, 3650])
      expect(Object.values(readConfig({ [name]: String(days) }).callbackKeep)).toContain(days)
  },
)

test('CB-8 callbacks that were delivered are kept for 3 days by default, parked ones for 30, and each setting is of its own', () => {
  expect(readConfig({}).callbackKeep).toEqual({ deliveredDays: 3, parkedDays: 30 })
  expect(readConfig({ QUNHUB_CALLBACK_KEEP_DELIVERED_DAYS: '7' }).callbackKeep).toEqual({
    deliveredDays: 7,
    parkedDays: 30,
  })
  expect(readConfig({ QUNHUB_CALLBACK_KEEP_PARKED_DAYS: '7' }).callbackKeep).toEqual({
    deliveredDays: 3,
    parkedDays: 7,
  })
})

test.each([
  ['QUNHUB_ALERT_URL', 'qyapi.weixin.qq.com/send'],
  ['QUNHUB_ALERT_KIND', 'slack'],
  ['QUNHUB_ALERT_ALLOW_CIDRS', '10.0.0.0'],
  ['QUNHUB_ALERT_OFFLINE_MINUTES', '0'],
  ['QUNHUB_ALERT_TIME_ZONE', 'Asia/Beijing'],
])('BOT-193 %s=%s does not start a gateway that would alert nobody', (name, text) => {
  expect(() => readConfig({ [name]: text })).toThrow(`${name}: expected`)
})

test('BOT-193 without an address nobody is alerted; with one, its key may stand in a file', async () => {
  expect(readConfig({}).alert).toEqual({
    robot: undefined,
    allowCidrs: [],
    offlineAfterMs: 300_000,
    timeZone: 'Asia/Shanghai',
  })
  const folder = await mkdtemp(join(tmpdir(), 'qunhub-config-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'url'), 'https://oapi.dingtalk.com/robot/send?access_token=k\n')
  const read = readConfig({
    QUNHUB_ALERT_URL_FILE: join(folder, 'url'),
    QUNHUB_ALERT_KIND: 'dingtalk',
    QUNHUB_ALERT_SECRET: 'SECabc',
    QUNHUB_ALERT_ALLOW_CIDRS: '10.1.0.0/16',
    QUNHUB_ALERT_OFFLINE_MINUTES: '10',
    QUNHUB_ALERT_TIME_ZONE: 'UTC',
  })
  expect(read.alert).toEqual({
    robot: { kind: 'dingtalk', url: 'https://oapi.dingtalk.com/robot/send?access_token=k', secret: 'SECabc' },
    allowCidrs: ['10.1.0.0/16'],
    offlineAfterMs: 600_000,
    timeZone: 'UTC',
  })
})

test.each(['KIND', 'SECRET'])('BOT-193 QUNHUB_ALERT_%s without an address would alert nobody', what => {
  const given = { [`QUNHUB_ALERT_${what}`]: 'feishu' }
  expect(() => readConfig(given)).toThrow(/expected with QUNHUB_ALERT_URL/)
})

test.each([
  ['https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k', 'wecom'],
  ['https://oapi.dingtalk.com/robot/send?access_token=k', 'dingtalk'],
  ['https://open.feishu.cn/open-apis/bot/v2/hook/k', 'feishu'],
  ['https://open.larksuite.com/open-apis/bot/v2/hook/k', 'feishu'],
  ['https://qyapi.weixin.qq.com.example/send', 'json'],
])('BOT-193 whose robot takes alerts is known by its address: %s', (url, kind) => {
  expect(readConfig({ QUNHUB_ALERT_URL: url }).alert.robot?.kind).toBe(kind)
  expect(readConfig({ QUNHUB_ALERT_URL: url, QUNHUB_ALERT_KIND: 'json' }).alert.robot?.kind).toBe('json')
})

test.each([
  'http://proxy.example',
  'http://127.0.0.1.evil.example',
  'https://proxy.example/wecom',
  'https://proxy.example/?a=1',
])('BOT-150 QUNHUB_WECOM_API_URL=%s would send the secret in the open, or somewhere else', url => {
  expect(() => readConfig({ QUNHUB_WECOM_API_URL: url })).toThrow('QUNHUB_WECOM_API_URL: expected https')
})
