import type { Bot } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { openDesk } from '@qunhub/testing/grounds/open-desk.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { startCli } from '@qunhub/testing/processes/cli-process.ts'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { operatorVerbs } from '@qunhub/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toQrCode } from '../model/qr-code.ts'
import { runCli } from './run-cli.ts'
import { drawQrCode } from './show/draw-qr-code.ts'

let house: House
let bot: Bot

beforeAll(async () => {
  house = await openHouse()
  bot = house.world.addBot({ userId: 'xiaobei', nickName: '小北', state: 'awaiting-scan' })
  await house.host(bot)
  await eventually('it awaits its scan', () => sessionOf('xiaobei')?.state === 'awaiting-scan')
})
afterAll(() => house.close())

const sessionOf = (userId: string) =>
  house.gateway.operator.live!.roster.all().find(each => each.userId === userId)?.session

const run = (args: string, dataDir = house.dataDir) =>
  runCliHere(args, { QUNHUB_DATA_DIR: dataDir, NO_COLOR: '1' })

/** Runs a command in this process, and hears what it says while it runs. */
function start(args: string) {
  const written = { stdout: '', stderr: '' }
  const ended = runCli(args.split(' '), {
    env: { QUNHUB_DATA_DIR: house.dataDir, NO_COLOR: '1' },
    out: text => {
      written.stdout += text
    },
    err: text => {
      written.stderr += text
    },
  })
  return {
    said: () => written.stdout + written.stderr,
    ended: ended.then(exitCode => ({ exitCode, ...written })),
  }
}

const hears = (cli: { said(): string }, text: string) =>
  eventually(`"${text}" in ${cli.said()}`, () => cli.said().includes(text))
const shownCode = () => house.world.snapshot().bots.find(({ wxid }) => wxid === bot.wxid)!.scan!.qrcode

describe('what no scan helps against', () => {
  test('CLI-70 without a gateway there is nobody to show a code: it says what to start, and exits with 1', async () => {
    const { dataDir, close } = await openDesk()
    const cli = (args: string) => run(args, dataDir)
    await cli('workspace add 甲')
    await cli('bot add --endpoint 127.0.0.1:1 --token puppet_1 --user-id lin')
    expect(await cli('bot login lin')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringMatching(/没有运行.*qunhub serve/),
    })
    expect(await cli('bot logout lin')).toMatchObject({ exitCode: 1, stdout: '' })
    const shown = await cli('bot show lin')
    expect(shown).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/新建 new[\s\S]*网关未运行/) })
    await close()
  })

  test.each([
    ['a bot that there is not', 'bot login nobody', 1, 'bot-unknown'],
    ['a wait that is no number', 'bot login xiaobei --timeout soon', 2, 'wrong-usage'],
    ['a wait without an end in sight', 'bot login xiaobei --timeout 1', 1, 'timed-out'],
  ])('CLI-70 %s is told as JSON', async (_what, args, exitCode, refused) => {
    const ended = await run(`${args} --json`)
    expect(ended.exitCode).toBe(exitCode)
    expect(JSON.parse(ended.stderr)).toMatchObject({ ok: false, refused })
  })

  test('CLI-70 a puppet that another client holds, or that refuses the token: why, and what to do', async () => {
    const taken = house.world.addBot({ userId: 'taken' })
    await house.host(taken)
    const another = await openHouse()
    await another.operate('add-bot', {
      workspace: another.workspaceId,
      endpoint: house.simulator.endpoint,
      token: taken.token,
      userId: 'taken' as never,
    })
    await another.operate('add-bot', {
      workspace: another.workspaceId,
      endpoint: house.simulator.endpoint,
      token: 'puppet_nobody',
      userId: 'stranger' as never,
    })
    const states = () => another.gateway.operator.live!.roster.all().map(({ session }) => session.state)
    await eventually(
      'both are told apart',
      () => states().includes('occupied') && states().includes('offline'),
    )
    for (const [userId, says] of [
      ['taken', /另一个程序正连着/],
      ['stranger', /连不上 puppet: puppet 拒绝了 token \/ the puppet refused the token.*检查地址与 token/],
    ] as const) {
      const ended = await run(`bot login ${userId}`, another.dataDir)
      expect(ended).toEqual({ exitCode: 1, stdout: '', stderr: expect.stringMatching(says) })
    }
    await another.close()
  })
})

describe('a login that is watched', () => {
  test('CLI-71 Ctrl+C ends the watching, and nothing else', async () => {
    const cli = startCli(['bot', 'login', 'xiaobei'], { QUNHUB_DATA_DIR: house.dataDir })
    await hears(cli, shownCode())
    cli.child.kill('SIGINT')
    expect(await cli.ended).toMatchObject({ exitCode: null })
    expect(cli.child.signalCode).toBe('SIGINT')
    expect(bot.state).toBe('awaiting-scan')
  })

  test('CLI-72 it shows the code, the one that comes after it, how the scan goes on, and who is online in the end', async () => {
    const people = start('bot login xiaobei')
    const program = start('bot login xiaobei --json')
    const first = shownCode()
    for (const cli of [people, program]) await hears(cli, first)
    house.world.takeScanStep(bot.wxid, 'expired')
    const second = shownCode()
    for (const cli of [people, program]) await hears(cli, second)
    house.world.takeScanStep(bot.wxid, 'scanned', second)
    await hears(people, '已扫码')
    await hears(program, '"scanned"')
    house.world.takeScanStep(bot.wxid, 'confirmed')

    const { exitCode, stdout, stderr } = await people.ended
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    for (const code of [first, second])
      expect(stdout).toContain(drawQrCode(toQrCode(code)!, { colours: false }))
    expect(stdout.trimEnd()).toMatch(/已登录 \/ logged in: 小北 \(xiaobei\)$/)

    const read = await program.ended
    expect(read).toMatchObject({ exitCode: 0, stderr: '' })
    const told = read.stdout
      .trimEnd()
      .split('\n')
      .map(line => operatorVerbs['login-bot'].output.parse(JSON.parse(line)))
    expect(told[0]).toMatchObject({ state: 'awaiting-scan', qrcode: { text: first } })
    expect(told.at(-1)).toMatchObject({ state: 'online', account: { userId: 'xiaobei' }, qrcode: null })
    expect(told.map(({ qrcode }) => qrcode?.text)).toEqual(expect.arrayContaining([first, second]))
  })

  test('CLI-72 a bot that is online already is told at once; show tells what became of it, without the code', async () => {
    expect(await run('bot login xiaobei')).toEqual({
      exitCode: 0,
      stdout: '已登录 / logged in: 小北 (xiaobei)\n',
      stderr: '',
    })
    const { stdout } = await run('bot show xiaobei')
    expect(stdout).toMatch(/状态 state +在线 online/)
    expect(stdout).toMatch(/待扫码 awaiting-scan +待扫码 awaiting-scan +scanned/)
    expect(stdout).not.toContain('://login')
  })

  test('CLI-73 logout logs the account out, says how it comes back, and a second one is refused', async () => {
    expect(await run('bot logout xiaobei')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('qunhub bot login'),
    })
    expect(bot.state).toBe('logged-out')
    const again = await run('bot logout xiaobei --json')
    expect(again.exitCode).toBe(1)
    expect(JSON.parse(again.stderr)).toMatchObject({ refused: 'bot-offline' })
  })
})
