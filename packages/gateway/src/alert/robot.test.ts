import { createHmac } from 'node:crypto'
import { type Alert, AlertMessage, BotId, UserId, WorkspaceId } from '@qunhub/wire'
import { expect, test } from 'vitest'
import { TEXT_BYTES_MAX, writeText } from './alert-text.ts'
import { type Robot, robotPost, whyRefused } from './robot.ts'

const NOON = Date.UTC(2026, 10, 27, 4)
const alert: Alert = {
  kind: 'raised',
  cause: 'deaf',
  workspaceId: WorkspaceId.parse('0123456789abcdef01234567'),
  botId: BotId.parse('76543210fedcba9876543210'),
  userId: UserId.parse('xiaobei'),
  since: NOON - 90_000,
  at: NOON,
}
const ZONE = 'Asia/Shanghai'
const { text } = writeText([alert], 0, ZONE)
const message: AlertMessage = { text, alerts: [alert] }
const robot = (kind: Robot['kind'], secret?: string): Robot => ({
  kind,
  url: `https://robot.example/${kind}?key=k`,
  secret,
})

test('BOT-190 WeCom is posted a text message, and nothing else', () => {
  expect(robotPost(robot('wecom', 'ignored'), message, NOON)).toEqual({
    url: 'https://robot.example/wecom?key=k',
    body: { msgtype: 'text', text: { content: text } },
  })
})

test('BOT-190 DingTalk is posted a text message, signed in its address where the robot has a secret', () => {
  const body = { msgtype: 'text', text: { content: text } }
  expect(robotPost(robot('dingtalk'), message, NOON)).toEqual({
    url: 'https://robot.example/dingtalk?key=k',
    body,
  })
  const signed = robotPost(robot('dingtalk', 'SECabc'), message, NOON)
  expect(signed.body).toEqual(body)
  // The secret is the key, and milliseconds and secret are what is signed; `+`, `/` and `=` travel encoded.
  const sign = createHmac('sha256', 'SECabc').update(`${NOON}\nSECabc`).digest('base64')
  expect(signed.url).toBe(
    `https://robot.example/dingtalk?key=k&timestamp=${NOON}&sign=${encodeURIComponent(sign)}`,
  )
})

test('BOT-190 Feishu is posted a text message, signed in its body where the robot has a secret', () => {
  const body = { msg_type: 'text', content: { text } }
  expect(robotPost(robot('feishu'), message, NOON)).toEqual({
    url: 'https://robot.example/feishu?key=k',
    body,
  })
  // Seconds and secret are the key, and nothing is what is signed.
  const timestamp = String(NOON / 1000)
  const sign = createHmac('sha256', `${timestamp}\nabc`).digest('base64')
  expect(robotPost(robot('feishu', 'abc'), message, NOON + 999)).toEqual({
    url: 'https://robot.example/feishu?key=k',
    body: { timestamp, sign, ...body },
  })
})

test('BOT-190 a program of the operator is posted the text and the facts', () => {
  const { body } = robotPost(robot('json'), message, NOON)
  expect(AlertMessage.parse(JSON.parse(JSON.stringify(body)))).toEqual(message)
})

test.each([
  ['wecom', 200, '{"errcode":93000,"errmsg":"invalid webhook url, key=k"}', 'code 93000'],
  ['dingtalk', 200, '{"errcode":310000,"errmsg":"sign not match"}', 'code 310000'],
  ['feishu', 200, '{"code":19021,"msg":"sign match fail or timestamp is not within one hour"}', 'code 19021'],
  ['feishu', 200, '{"StatusCode":9499,"StatusMessage":"Bad Request"}', 'code 9499'],
  ['wecom', 200, '<html>', 'an answer without a code'],
  ['wecom', 200, '{}', 'an answer without a code'],
  ['wecom', 502, '{"errcode":0}', 'status 502'],
  ['json', 302, '', 'status 302'],
  ['wecom', 200, '{"errcode":0,"errmsg":"ok"}', null],
  ['dingtalk', 200, '{"errcode":0,"errmsg":"ok"}', null],
  ['feishu', 200, '{"code":0,"msg":"success","StatusCode":0}', null],
  ['feishu', 200, '{"Extra":null,"StatusCode":0,"StatusMessage":"success"}', null],
  ['json', 204, '', null],
] as const)('BOT-191 %s answers %d %s: %s', (kind, status, answer, refused) => {
  expect(whyRefused({ kind }, status, answer)).toBe(refused)
})

test('BOT-192 the text is Chinese first, says which bot, what and since when, and never exceeds what a robot takes', () => {
  expect(text.split('\n')).toEqual([
    '【群枢告警】Qunhub',
    '⚠ xiaobei (76543210fedcba9876543210) 已连上但收不到任何事件 / connected, but no events come, 自 / since 2026-11-27 11:58:30 UTC+8',
  ])
  const many = writeText(
    Array.from({ length: 100 }, () => alert),
    7,
    ZONE,
  )
  expect(Buffer.byteLength(many.text)).toBeLessThanOrEqual(TEXT_BYTES_MAX)
  expect(many.taken).toBeGreaterThan(5)
  expect(many.text).toContain('另有 7 条未列出 / 7 more are not listed')
  expect(writeText([{ ...alert, kind: 'recovered', userId: null }], 0, ZONE).text).toContain(
    '✓ - (76543210fedcba9876543210) 已恢复在线 / online again, 1.5 min (deaf)',
  )
})

test.each([
  ['UTC', NOON, '2026-11-27 04:00:00 UTC'],
  ['Asia/Kolkata', NOON, '2026-11-27 09:30:00 UTC+5:30'],
  ['America/New_York', NOON, '2026-11-26 23:00:00 UTC-5'],
  ['America/New_York', Date.UTC(2026, 6, 1, 4), '2026-07-01 00:00:00 UTC-4'],
])('BOT-192 the time is that of the reader, with its offset: %s', (zone, since, shown) => {
  expect(writeText([{ ...alert, since }], 0, zone).text).toContain(`since ${shown}`)
})
