import { eventually } from '@qunhub/testing/eventually.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { type Answer, openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { LOOPBACK } from '@qunhub/testing/receivers/loopback.ts'
import { type Alert, BotId, UserId, WorkspaceId } from '@qunhub/wire'
import { expect, onTestFinished, test } from 'vitest'
import { connectGuarded } from '../callback/connect-guarded.ts'
import { createAddressGuard } from '../model/address-guard.ts'
import { resolveName } from '../model/resolve-name.ts'
import { ALERTS_WAITING_MAX, GATHER_MS, Messenger, RETRY_WAITS_MS } from './messenger.ts'
import { ALERT_DEADLINE_MS, RobotClient } from './robot-client.ts'

const KEY = 'canary-key'
const taken: Answer = { status: 200, body: '{"errcode":0,"errmsg":"ok"}' }
const refused: Answer = { status: 200, body: '{"errcode":45009,"errmsg":"api freq out of limit"}' }

/** A robot of WeCom on loopback, and the messenger that posts to it. */
async function openRobot({
  answers = [],
  ranges = LOOPBACK.split(','),
}: {
  answers?: readonly Answer[]
  ranges?: readonly string[]
} = {}) {
  const clock = new ManualClock()
  const stand = await openCustomer(answers)
  const lines: string[] = []
  const note = (facts: object, sentence: string) => lines.push(`${sentence} ${JSON.stringify(facts)}`)
  const results: string[] = []
  const messenger = new Messenger({
    client: new RobotClient({
      robot: { kind: 'wecom', url: `${stand.url}/cgi-bin/webhook/send?key=${KEY}`, secret: undefined },
      clock,
      connect: connectGuarded(createAddressGuard(ranges, resolveName), ALERT_DEADLINE_MS),
    }),
    clock,
    log: { debug: note, info: note, warn: note, error: note },
    meter: { alertRaised() {}, alertMessage: result => results.push(result) },
    timeZone: 'Asia/Shanghai',
  })
  onTestFinished(async () => {
    await messenger.stop()
    await stand.close()
  })
  const waitFor = (ms: number) => eventually(`a wait of ${ms} ms`, () => clock.nextIn() === ms)
  return { clock, stand, lines, results, messenger, waitFor }
}

const alertOf = (userId: string): Alert => ({
  kind: 'raised',
  cause: 'offline',
  workspaceId: WorkspaceId.parse('0123456789abcdef01234567'),
  botId: BotId.parse('76543210fedcba9876543210'),
  userId: UserId.parse(userId),
  since: 0,
  at: 1,
})
const textOf = (heard: { json: unknown }): string =>
  (heard.json as { text: { content: string } }).text.content

test('BOT-193 what the robot does not take is tried again, four times in all, and then given up', async () => {
  const { clock, stand, lines, results, messenger, waitFor } = await openRobot({
    answers: [500, refused, 'hang', (_request, response) => void response.destroy()],
  })
  messenger.tell(alertOf('xiaobei'))
  clock.advance(GATHER_MS)
  await waitFor(RETRY_WAITS_MS[0])
  clock.advance(RETRY_WAITS_MS[0])
  await waitFor(RETRY_WAITS_MS[1])
  clock.advance(RETRY_WAITS_MS[1])
  await stand.nextHeard(3)
  clock.advance(ALERT_DEADLINE_MS)
  await waitFor(RETRY_WAITS_MS[2])
  clock.advance(RETRY_WAITS_MS[2])
  await eventually('the end', () => results.length > 0)
  expect(results).toEqual(['failed'])
  expect(stand.heard).toHaveLength(4)
  expect(lines.map(line => JSON.parse(line.slice(line.indexOf('{'))).reason)).toEqual([
    'status 500',
    'code 45009',
    'timeout',
    'UND_ERR_SOCKET',
  ])
  // The next one is tried all the same.
  stand.answerWith([taken])
  messenger.tell(alertOf('xiaonan'))
  clock.advance(GATHER_MS)
  await eventually('the next message', () => results.at(-1) === 'sent')
})

test('BOT-194 neither the address nor its key reaches the log, whatever goes wrong', async () => {
  const { clock, lines, messenger, stand, waitFor } = await openRobot({ ranges: [] })
  messenger.tell(alertOf('xiaobei'))
  clock.advance(GATHER_MS)
  await waitFor(RETRY_WAITS_MS[0])
  expect(lines).toHaveLength(1)
  expect(lines.join('\n')).not.toMatch(new RegExp(`${KEY}|${new URL(stand.url).port}|webhook`))
  // It is on a private address that nobody allowed.
  expect(stand.connections).toBe(0)
})

test('BOT-195 what gathers goes out together, in few messages, and what finds no room is counted', async () => {
  const { clock, stand, results, messenger } = await openRobot({
    answers: Array.from({ length: 50 }, () => taken),
  })
  const all = ALERTS_WAITING_MAX + 5
  for (let n = 0; n < all; n += 1) messenger.tell(alertOf(`bot${n}`))
  expect(results).toEqual(Array.from({ length: 5 }, () => 'dropped'))
  const told = () => stand.heard.flatMap(heard => textOf(heard).match(/⚠ bot\d+/g) ?? [])
  await eventually('all of them', () => {
    if (clock.nextIn() === GATHER_MS) clock.advance(GATHER_MS)
    return told().length === ALERTS_WAITING_MAX
  })
  expect(stand.heard.length).toBeLessThan(30)
  expect(told()).toEqual(Array.from({ length: ALERTS_WAITING_MAX }, (_, n) => `⚠ bot${n}`))
  expect(textOf(stand.heard[0]!)).toContain('另有 5 条未列出')
  expect(textOf(stand.heard[1]!)).not.toContain('未列出')
})

test('BOT-196 stopping waits for nobody: neither for a robot that hangs nor for a retry', async () => {
  const { clock, stand, messenger } = await openRobot({ answers: ['hang'] })
  messenger.tell(alertOf('xiaobei'))
  clock.advance(GATHER_MS)
  await stand.nextHeard(1)
  await messenger.stop()
  messenger.tell(alertOf('xiaonan'))
  expect(clock.nextIn()).toBeUndefined()
})
