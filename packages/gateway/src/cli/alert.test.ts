import { openDesk } from '@qunhub/testing/grounds/open-desk.ts'
import { openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { type Answer, openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { AlertMessage } from '@qunhub/wire'
import { expect, onTestFinished, test } from 'vitest'
import { ALERT_DEADLINE_MS } from '../alert/robot-client.ts'
import type { Log } from '../system/log.ts'

const KEY = '693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa'

/** A gateway whose alerts go to a robot on loopback that answers so. */
async function openAlerted(answers: readonly Answer[], env: Record<string, string> = {}) {
  const robot = await openCustomer(answers)
  const clock = new ManualClock()
  const lines: string[] = []
  const note = (facts: object, sentence: string) => lines.push(`${sentence} ${JSON.stringify(facts)}`)
  const log: Log = { debug: note, info: note, warn: note, error: note }
  const house = await openHouse({
    clock,
    log,
    env: {
      QUNHUB_ALERT_URL: `${robot.url}/cgi-bin/webhook/send?key=${KEY}`,
      QUNHUB_ALERT_KIND: 'wecom',
      ...env,
    },
  })
  onTestFinished(async () => {
    await house.close()
    await robot.close()
  })
  const cli = (args: string) => runCliHere(args, { QUNHUB_DATA_DIR: house.dataDir })
  return { robot, clock, lines, cli, house }
}

test('BOT-221 without a gateway nobody sends a test alert, and without an alert address there is nowhere to', async () => {
  const { dataDir, close } = await openDesk()
  onTestFinished(close)
  await runCliHere('workspace add 甲', { QUNHUB_DATA_DIR: dataDir })
  const alone = await runCliHere('alert test', { QUNHUB_DATA_DIR: dataDir })
  expect(alone).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('qunhub serve') })

  const house = await openHouse()
  onTestFinished(() => house.close())
  const unset = await runCliHere('alert test --json', { QUNHUB_DATA_DIR: house.dataDir })
  expect(unset).toMatchObject({ exitCode: 1, stdout: '' })
  expect(JSON.parse(unset.stderr)).toMatchObject({
    refused: 'alert-unset',
    message: expect.stringContaining('QUNHUB_ALERT_URL'),
  })
})

test.each<[string, Answer, string, string[]]>([
  [
    'knows no such key, and repeats it',
    { status: 200, body: `{"errcode":93000,"errmsg":"invalid webhook url,\\n key=${KEY}"}` },
    'alert-refused',
    ['wecom, code 93000', 'invalid webhook url,\\n key=…', 'QUNHUB_ALERT_URL'],
  ],
  [
    'fails',
    { status: 502, body: '<h1>Bad\u001b[31m Gateway</h1>' },
    'alert-refused',
    ['status 502', 'Bad [31m Gateway'],
  ],
  [
    'is no robot',
    { status: 200, body: `<html>${'x'.repeat(5000)}` },
    'alert-refused',
    ['an answer without a code', '<html>xx'],
  ],
  [
    'sends elsewhere',
    { status: 302, headers: { location: 'http://127.0.0.1:1' } },
    'alert-refused',
    ['status 302'],
  ],
  ['breaks off', (_request, response) => void response.destroy(), 'alert-unreachable', ['UND_ERR_SOCKET']],
])(
  'BOT-221 a test alert to a robot that %s is one try, and is told to have failed, why, and what it said',
  async (_what, answer, refused, says) => {
    const { robot, cli, lines } = await openAlerted([answer])
    const { exitCode, stdout, stderr } = await cli('alert test --json')
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    const told = JSON.parse(stderr) as { refused: string; message: string }
    expect(told.refused).toBe(refused)
    for (const word of says) expect(told.message).toContain(word)
    expect(told.message.length).toBeLessThan(700)
    expect(robot.heard).toHaveLength(1)
    expect(stderr + lines.join('\n')).not.toContain(KEY)
  },
)

test('BOT-221 a robot that does not answer is waited for 5 s', async () => {
  const { robot, clock, cli } = await openAlerted(['hang'])
  const asked = cli('alert test')
  await robot.nextHeard(1)
  clock.advance(ALERT_DEADLINE_MS)
  expect(await asked).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringMatching(/5 秒.* 5 s/) })
})

test('BOT-221 an alert address on a private network that nobody allowed is not connected to, and it is said how to allow it', async () => {
  const { cli } = await openAlerted([], { QUNHUB_ALERT_URL: `http://10.255.255.1/send?key=${KEY}` })
  const { exitCode, stderr } = await cli('alert test')
  expect(exitCode).toBe(1)
  expect(stderr).toContain('QUNHUB_ALERT_ALLOW_CIDRS')
})

test('BOT-221 a robot that takes the test alert is told once, in the words that its filter looks for, and what it answered is shown', async () => {
  const answer = { status: 200, body: '{"errcode":0,"errmsg":"ok"}' }
  const { robot, cli, house } = await openAlerted([answer, answer])
  const { exitCode, stdout, stderr } = await cli('alert test')
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(stdout).toMatch(/\(wecom\).*\n\{"errcode":0,"errmsg":"ok"\}\n$/)
  expect(robot.heard.map(({ json }) => json)).toEqual([
    {
      msgtype: 'text',
      text: { content: expect.stringMatching(/^【群枢告警】Qunhub\n✉ 测试告警.* \/ a test alert/) },
    },
  ])
  expect(await house.operate('test-alert', {})).toEqual({ kind: 'wecom', answer: answer.body })
})

test('BOT-221 a program of the operator is posted the text and no trouble of any bot', async () => {
  const { robot, cli } = await openAlerted([204], { QUNHUB_ALERT_KIND: 'json' })
  expect(await cli('alert test --json')).toMatchObject({
    exitCode: 0,
    stdout: `${JSON.stringify({ kind: 'json', answer: '' }, null, 2)}\n`,
  })
  expect(AlertMessage.parse(robot.heard[0]!.json).alerts).toEqual([])
})
