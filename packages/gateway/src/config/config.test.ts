import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readDatabaseUrl } from '../model/database-url.ts'
import { ConfigError, readConfig } from './config.ts'
import { settings } from './settings.ts'

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
  expect(read).toThrow(
    /QUNHUB_CALLBACK_ALLOW_CIDRS: 应为地址段.* \(expected address ranges such as 10.0.0.0\/8,fd00::\/8; given: "/,
  )
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
      expect(() => readConfig({ [name]: text })).toThrow(
        `${name}: 应为 1 到 3650 的整数, 给出的是 "${text}" (expected a whole number from 1 to 3650; given: "${text}")`,
      )
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
  expect(() => readConfig({ [name]: text })).toThrow(
    new RegExp(`${name}: 应为.*, 给出的是 .* \\(expected .*; given: `),
  )
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
  expect(() => readConfig({ QUNHUB_WECOM_API_URL: url })).toThrow(
    /QUNHUB_WECOM_API_URL: 应为 https.*\(expected https/,
  )
})

test('CLI-91 every problem is told at once, Chinese first, with what is expected and what was given', () => {
  const read = () =>
    readConfig(
      {
        PORT: '70000',
        QUNHUB_LOG_LEVEL: 'loud',
        QUNHUB_TRUST_PROXY: 'proxy.example',
        QUNHUB_NODE_ADDRESS: '10.0.0.5:99999',
        QUNHUB_WECOM_CORP_ID: 'ww1',
        QUNHUB_ALERT_KIND: 'feishu',
        QUNHUB_SECRET_KEY_FILE: '/nowhere/key',
      },
      value => [`QUNHUB_SCENE: ${value('QUNHUB_LOG_LEVEL')}`],
    )
  const told = (() => {
    try {
      return read()
    } catch (failure) {
      return failure
    }
  })() as ConfigError
  expect(told.problems).toEqual([
    'QUNHUB_SECRET_KEY_FILE: 应为可读的文件, /nowhere/key 无法读取 (expected a file that can be read; /nowhere/key: ENOENT)',
    'PORT: 应为 0 到 65535 的端口, 给出的是 "70000" (expected a port from 0 to 65535; given: "70000")',
    'QUNHUB_LOG_LEVEL: 应为 debug、info、warn、error、silent 之一, 给出的是 "loud" (expected one of debug, info, warn, error, silent; given: "loud")',
    'QUNHUB_TRUST_PROXY: 应为 IP 地址或地址段, 如 10.0.0.5,172.16.0.0/12, 给出的是 "proxy.example" (expected addresses or ranges such as 10.0.0.5,172.16.0.0/12; given: "proxy.example")',
    'QUNHUB_NODE_ADDRESS: 应为 host:port, 端口为 1 到 65535, 给出的是 "10.0.0.5:99999" (expected host:port, with a port from 1 to 65535; given: "10.0.0.5:99999")',
    expect.stringMatching(/^DATABASE_URL: .*没有给出.* nothing was given\)$/),
    expect.stringMatching(/^QUNHUB_NODE_SECRET: .*没有给出/),
    expect.stringMatching(/^QUNHUB_WECOM_SECRET: 须与 QUNHUB_WECOM_CORP_ID 一起设置/),
    expect.stringMatching(/^QUNHUB_ALERT_KIND: 没有告警地址则无用/),
    'QUNHUB_SCENE: loud',
  ])
})

test('CLI-91 whatever stands in a setting, its problem is in our words, and no secret is told', () => {
  const secrets = /SECRET|_URL|_CA$/
  for (const name of Object.keys(settings.shape)) {
    for (const value of [
      'canary',
      '\u001b[2J',
      '-1',
      '1e9',
      'x'.repeat(3000),
      '/nowhere/',
      'http://u:canary@h',
      ' ',
    ]) {
      let words = ''
      try {
        readConfig({ [name]: value }, () => ['the others'])
      } catch (failure) {
        words = (failure as ConfigError).problems[0]!
      }
      if (words === 'the others') continue
      expect(words, name).toMatch(/^[A-Z_]+: .*\p{Script=Han}.* \(expected .*(given|not set)/u)
      expect(words).not.toMatch(/invalid|too (big|small)|\u001b/i)
      if (secrets.test(name) || value.includes('@')) expect(words).not.toContain('canary')
      expect(words.length).toBeLessThan(700)
    }
  }
})

test.each([
  ['QUNHUB_NODE_ADDRESS', 'http://u:canary@h:1', '19 个字符的文本'],
  ['QUNHUB_NODE_ADDRESS', 'u:canary@h:1', '12 个字符的文本'],
  ['QUNHUB_HOST', 'http://u:canary@h', '17 个字符的文本'],
  ['QUNHUB_ALERT_KIND', 'https://robot.example/send?key=canary', '37 个字符的文本'],
  ['DATABASE_URL_FILE', 'postgres://u:canary@h/db', '应为可读的文件'],
])('G-20 %s=%s: of what may have a password or a key in it its length is told', (name, value, words) => {
  const read = () => readConfig({ [name]: value })
  expect(read).toThrow(words)
  expect(read).not.toThrow('canary')
})

test('CLI-91 what stands in a file is told of by the name of the setting that names the file, and not told', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'qunhub-config-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'key'), 'canary\n')
  expect(() => readConfig({ QUNHUB_SECRET_KEY_FILE: join(folder, 'key') })).toThrow(
    'QUNHUB_SECRET_KEY_FILE: 应为 64 位十六进制, 给出的是 6 个字符的文本 (expected 64 hex digits (openssl rand -hex 32); given: text of 6 characters)',
  )
})

test.each([
  ['postgres://u:p@db.example:5432/qunhub', 'db.example:5432', 'qunhub'],
  ['postgres:///qunhub?host=/var/run/postgresql&user=qunhub', '/var/run/postgresql', 'qunhub'],
  ['postgresql://u:p@/qunhub?host=/var/run/postgresql', '/var/run/postgresql', 'qunhub'],
  ['postgres://u:p@%2Fvar%2Frun%2Fpostgresql:5432/qunhub', '/var/run/postgresql', 'qunhub'],
  ['postgres://u:p@localhost/qunhub?host=/tmp', '/tmp', 'qunhub'],
  ['postgres://u:p@[::1]:5432/%E7%BE%A4', '[::1]:5432', '群'],
  ['postgres://u:p@h1:1,[::1]:2,h3/db?target_session_attrs=read-write', 'h1:1,[::1]:2,h3', 'db'],
])(
  'CLI-92 a database is named as libpq names it, over the network and over a socket: %s',
  (url, at, database) => {
    expect(readConfig({ DATABASE_URL: url }).databaseUrl).toBe(url)
    expect(readDatabaseUrl(url)).toMatchObject({ at, database })
  },
)

test.each([' %s', '%s ', '\t%s\r\n'])(
  'CLI-92 a space at an end of the address is no part of it: %j',
  around => {
    const url = 'postgres://u:p@db.example:5432/qunhub'
    expect(readConfig({ DATABASE_URL: around.replace('%s', url) }).databaseUrl).toBe(url)
  },
)

test.each([
  'postgres:///qunhub',
  'postgres://u:p@h1:1,/db',
  'postgres://u:p@h1,h2:x/db',
  'postgres://u:p@/db?host=h1,h2',
  'host=/tmp dbname=canary',
  'mysql://u:canary@h/db',
  'postgres://u:canary@h',
])('CLI-92 what is no such address shows both forms, and not what was given: %s', url => {
  const read = () => readConfig({ DATABASE_URL: url })
  expect(read).toThrow(
    /postgres:\/\/user:password@host:5432\/database.*@host1:5432,host2:5432.*postgres:\/\/\/database\?host=\/directory/,
  )
  expect(read).not.toThrow(/canary/)
})

test('CLI-92 of several servers none is asked for that takes no writes', () => {
  const read = () => readConfig({ DATABASE_URL: 'postgres://u:canary@h1,h2/db?target_session_attrs=standby' })
  expect(read).toThrow(/target_session_attrs 应为 read-write 或 primary.*给出的是 "standby"/)
  expect(read).not.toThrow(/canary/)
})

test('CLI-92 a TLS mode that there is not, and a CA that cannot be read, are told before anybody connects', () => {
  const url = 'postgres://u:canary@h/db?sslmode=what&sslrootcert=/nowhere/ca.pem'
  const read = () => readConfig({ DATABASE_URL: url })
  expect(read).toThrow(/sslmode 应为 disable、.* 给出的是 "what"/)
  expect(read).toThrow(/sslrootcert 应为可读的文件, \/nowhere\/ca.pem/)
  expect(read).not.toThrow(/canary/)
})
