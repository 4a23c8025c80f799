import type { Bot } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { operatorVerbs, type UserId } from '@qunhub/wire'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runVerb } from '../../packages/gateway/src/operator/run-verb.ts'

const TOKEN = 'puppet_one-phone'

let house: House
beforeEach(async () => {
  house = await openHouse()
})
afterEach(() => house.close())

const shown = async (bot: string) => (await house.operate('show-bot', { bot })).bot
const becomes = (bot: string, state: string) =>
  eventually(`${bot} to be ${state}`, async () => {
    const seen = await shown(bot)
    return seen.session.state === state ? seen : null
  })
const chats = async () => (await house.operate('list-chats', { limit: 500 })).chats
const cli = (args: string) => runCliHere(args, { QUNHUB_DATA_DIR: house.dataDir, NO_COLOR: '1' })

/** A room of this bot and one customer. */
function openRoom(bot: Bot, topic: string) {
  const { wxid: customer } = house.world.addContact({ friendOf: [bot.wxid] })
  return house.world.addRoom({ topic, ownerId: bot.wxid, members: [customer], external: true })
}

/** Xiaobei's bot, with a room, whose puppet then is logged in to xiaonan, with another. */
async function replacedBot(userId = 'xiaonan') {
  const first = house.world.addBot({ userId: 'xiaobei', nickName: '小北', token: TOKEN })
  openRoom(first, '大街')
  const id = await house.host(first)
  house.simulator.killServer()
  house.world.bots.delete(first.wxid)
  const second = house.world.addBot({ userId, nickName: '小南', token: TOKEN })
  openRoom(second, '小巷')
  await house.simulator.restartServer({ downMs: 0 })
  return { id, first, second }
}

test('BOT-125 a first login by another account than the operator named is not taken, and told as what it is', async () => {
  const scanned = house.world.addBot({ userId: 'xiaonan', nickName: '小南', token: TOKEN })
  openRoom(scanned, '小巷')
  const { endpoint } = house.simulator
  await house.operate('add-bot', { endpoint, token: TOKEN, userId: 'xiaobei' as UserId })
  const bot = await becomes('xiaobei', 'wrong-account')
  expect(bot).toMatchObject({ account: null, session: { reason: 'another account is logged in: xiaonan' } })
  expect(await chats()).toEqual([])
  expect(await house.operate('login-bot', { bot: 'xiaobei' })).toMatchObject({
    state: 'wrong-account',
    account: null,
    otherAccount: { wxid: scanned.wxid, userId: 'xiaonan' },
  })
  const asked = { roomWxid: 'R:1', contactWxid: '7881300000000001' }
  const added = await house.post('/room/addMember', { botUserId: 'xiaobei', ...asked })
  expect(added.body).toMatchObject({ code: -5 })
  const { text } = await house.send('/metrics')
  expect(text).toContain('qunhub_alerts_total{cause="wrong-account"} 1')
  expect(text).toContain('qunhub_bot_moves_total{from="connecting",to="wrong-account"} 1')
})

test('BOT-125 an account in the place of the known one leaves its chats as they are, until an operator accepts it', async () => {
  const { id, second } = await replacedBot()
  const bot = await becomes(id, 'wrong-account')
  expect(bot.account).toMatchObject({ userId: 'xiaobei' })
  expect(await chats()).toMatchObject([{ topic: '大街' }])

  const login = await cli('bot login xiaobei')
  expect(login).toMatchObject({ exitCode: 1, stdout: '' })
  expect(login.stderr).toMatch(/登录的是另一个账号.*小南.*xiaonan[\s\S]*qunhub bot accept/)
  expect((await cli('bot show xiaobei')).stdout).toMatch(/登录了别的账号 wrong-account.*xiaonan/)
  expect((await cli('bot list')).stdout).toContain(`qunhub bot accept ${id}`)

  const accepted = await cli('bot accept xiaobei xiaonan')
  expect(accepted).toMatchObject({ exitCode: 0 })
  expect(await becomes(id, 'online')).toMatchObject({ account: { wxid: second.wxid } })
  await eventually('the rooms of the second', async () => (await chats())[0]?.topic === '小巷')
  expect(await chats()).toHaveLength(1)
  expect((await cli('bot login xiaonan')).exitCode).toBe(0)
})

test('BOT-125 the command that would accept it can be pasted, whatever the puppet says that its userId is', async () => {
  await replacedBot("小南';rm -rf $HOME;'")
  const { id } = await becomes('xiaobei', 'wrong-account')
  const { stderr } = await cli('bot login xiaobei')
  expect(stderr).toContain(`qunhub bot accept ${id} '小南'\\'';rm -rf $HOME;'\\'''\n`)
})

test('BOT-125 the known account comes back as if nothing had been', async () => {
  const { first, second } = await replacedBot()
  await becomes('xiaobei', 'wrong-account')
  house.simulator.killServer()
  house.world.bots.delete(second.wxid)
  house.world.bots.set(first.wxid, first)
  await house.simulator.restartServer({ downMs: 0 })
  await becomes('xiaobei', 'online')
  expect(await chats()).toMatchObject([{ topic: '大街' }])
})

test('BOT-125 an operator logs the wrong account out, so that the right one can scan', async () => {
  const { id, second } = await replacedBot()
  await becomes('xiaobei', 'wrong-account')
  expect(await house.operate('logout-bot', { bot: 'xiaobei' })).toEqual({ id })
  expect(second.state).toBe('logged-out')
  await becomes('xiaobei', 'logged-out')
})

test('BOT-126 an account that is to come is accepted beforehand, by its userId in any case of letters', async () => {
  const first = house.world.addBot({ userId: 'xiaobei', token: TOKEN })
  const id = await house.host(first)
  expect(
    await house.operate('accept-account', { bot: 'xiaobei', account: 'XiaoNan' as UserId }),
  ).toMatchObject({
    expectedUserId: 'XiaoNan',
  })
  await becomes('xiaobei', 'online')
  house.simulator.killServer()
  house.world.bots.delete(first.wxid)
  const second = house.world.addBot({ userId: 'xiaonan', token: TOKEN })
  await house.simulator.restartServer({ downMs: 0 })
  await eventually('the second to be taken', async () => (await shown(id)).account?.wxid === second.wxid)
})

test('BOT-261 an account that moved to another corp and kept its userId is taken by that userId while it is logged in, and so is the first one again', async () => {
  const { id, first, second } = await replacedBot('XiaoBei')
  await becomes(id, 'wrong-account')
  expect(await cli('bot accept xiaobei xiaobei')).toMatchObject({ exitCode: 0 })
  await becomes(id, 'online')
  expect(await shown(id)).toMatchObject({ account: { wxid: second.wxid }, expectedUserId: second.wxid })
  await eventually('its rooms', async () => (await chats())[0]?.topic === '小巷')

  house.simulator.killServer()
  house.world.bots.delete(second.wxid)
  house.world.bots.set(first.wxid, first)
  await house.simulator.restartServer({ downMs: 0 })
  await becomes(id, 'wrong-account')
  await house.operate('accept-account', { bot: id, account: first.wxid as UserId })
  expect(await becomes(id, 'online')).toMatchObject({ account: { wxid: first.wxid, userId: 'xiaobei' } })
})

test('BOT-261 without the node that runs the bot nobody can tell the namesakes apart: refused with the wxid to give', async () => {
  const { id, second } = await replacedBot('xiaobei')
  await becomes(id, 'wrong-account')
  const namesake = { ...house.gateway.operator, live: null }
  const accept = (account: string) => runVerb('accept-account', { bot: id, account }, namesake)
  await eventually('the move to be kept', async () => (await accept('xiaobei')).ok === false)
  expect(await accept('xiaobei')).toMatchObject({
    refused: 'account-namesake',
    message: expect.stringMatching(new RegExp(`wxid.*${second.wxid}`)),
  })
  expect((await accept(second.wxid)).ok).toBe(true)
  const { roster } = house.gateway.operator.live!
  roster.lookForLogin(roster.byId(house.workspaceId, id)!)
  expect(await becomes(id, 'online')).toMatchObject({ account: { wxid: second.wxid } })
})

test('BOT-126 accepting is for the command line only: a management token may not', async () => {
  const { token } = await house.operate('issue-token', { realm: 'manage' })
  const answer = await house.send('/manage/accept-account', {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ bot: 'xiaobei', account: 'xiaonan' }),
  })
  expect(answer.status).toBe(404)
  expect(operatorVerbs['accept-account'].summary).toContain('/')
})
