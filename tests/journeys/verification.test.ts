import type { Bot } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { scan } from '@qunhub/testing/read-png.ts'
import { type Customer, openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { botQrcode, operatorVerbs } from '@qunhub/wire'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCli } from '../../packages/gateway/src/cli/run-cli.ts'
import { runVerb } from '../../packages/gateway/src/operator/run-verb.ts'

let robot: Customer
let house: House
let bot: Bot
let token: string

beforeEach(async () => {
  robot = await openCustomer()
  house = await openHouse({ env: { QUNHUB_ALERT_URL: robot.url, QUNHUB_ALERT_KIND: 'json' } })
  bot = house.world.addBot({ userId: 'xiaobei', nickName: '小北' })
  await house.host(bot)
  token = (await house.operate('issue-token', { realm: 'manage' })).token
})
afterEach(async () => {
  await house.close()
  await robot.close()
})

const authorized = () => ({ authorization: `Bearer ${token}` })
async function login() {
  const asked = { method: 'POST', headers: authorized(), body: JSON.stringify({ bot: 'xiaobei' }) }
  const { body } = await house.send('/manage/login-bot', asked)
  return operatorVerbs['login-bot'].output.parse((body as { value: unknown }).value)
}
const picture = async () => {
  const answer = await fetch(`${house.baseUrl}${botQrcode.path}?bot=xiaobei`, { headers: authorized() })
  return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) }
}
const alerts = () =>
  robot.heard.flatMap(({ json }) =>
    (json as { alerts: { kind: string; cause: string }[] }).alerts.map(
      ({ kind, cause }) => `${kind} ${cause}`,
    ),
  )
const env = () => ({ QUNHUB_DATA_DIR: house.dataDir, NO_COLOR: '1' })

/** `qunhub bot login`, which ends when the bot is online and nothing more is wanted. */
function watchLogin() {
  let said = ''
  const note = (text: string) => {
    said += text
  }
  const ended = runCli(['bot', 'login', 'xiaobei'], { env: env(), out: note, err: note })
  return { said: () => said, ended }
}

test.each(['online', 'logged-out'] as const)(
  'BOT-264 BOT-265 a verification of an account that is %s is shown by login-bot, as a picture, in the terminal and in lists, named as one, and alerted',
  async state => {
    house.world.setBotState(bot.wxid, state)
    // A logout is believed when the puppet has been asked (BOT-282).
    await eventually('its state', async () => (await login()).state === state)
    house.world.askToVerify(bot.wxid)
    const shown = await eventually('the verification', async () => {
      const told = await login()
      return told.verification && told
    })
    expect(shown).toMatchObject({
      state,
      qrcode: { scan: 'waiting', text: expect.stringContaining('verify/') },
      verification: { by: 'scan', progress: 'waiting', until: shown.verification!.givenAt + 120_000 },
    })
    expect(scan((await picture()).bytes)).toBe(shown.qrcode!.text)
    await eventually('the alert', () => alerts().includes('raised verification'))
    const listed = await runCliHere('bot list', env())
    expect(listed.stdout).toMatch(/待验证 verification \(scan\)[\s\S]*WeCom wants a verification/)

    const terminal = watchLogin()
    await eventually('the code in the terminal', () => terminal.said().includes(shown.qrcode!.text))
    expect(terminal.said()).toMatch(/企业微信要求验证/)
    house.world.verify(bot.wxid, 'confirmed')
    expect(await terminal.ended).toBe(0)
    expect(await login()).toMatchObject({ state: 'online', qrcode: null, verification: null })
    expect((await picture()).status).toBe(409)
    await eventually('its end', () => alerts().includes('recovered verification'))
  },
)

test('BOT-266 a code to type in is asked for in the terminal, and taken by a verb; what is not typed in is not', async () => {
  const verify = (code: string) => runVerb('verify-bot', { bot: 'xiaobei', code }, house.gateway.operator)
  expect(await verify('246810')).toMatchObject({ refused: 'verification-none' })
  house.world.askToVerify(bot.wxid)
  await eventually('the verification', async () => (await login()).verification)
  expect(await verify('246810')).toMatchObject({ refused: 'verification-by-hand' })

  house.world.setBotState(bot.wxid, 'logged-out')
  house.world.askToVerify(bot.wxid, 'code')
  const terminal = watchLogin()
  await eventually('to be told how', () => terminal.said().includes('qunhub bot verify'))
  house.simulator.faults.add({ on: 'enterVerifyCode', mode: 'refuse', times: 1 })
  expect(await verify('246810')).toMatchObject({ refused: 'code-refused' })
  expect((await runCliHere('bot verify xiaobei 000000', env())).exitCode).toBe(0)
  await eventually('that it was wrong', () => terminal.said().includes('the code was wrong'))
  expect((await runCliHere('bot verify xiaobei 246810', env())).exitCode).toBe(0)
  expect(await terminal.ended).toBe(0)
})
