import { eventually } from '@qunhub/testing/eventually.ts'
import { openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { openCustomer } from '@qunhub/testing/receivers/customer.ts'
import type { BotId } from '@qunhub/wire'
import { expect, onTestFinished, test } from 'vitest'
import { MINUTE_MS, SECOND_MS } from '../system/clock.ts'

/** A whole Qunhub on a moved clock, with a bot in a room and a robot of WeCom that takes every alert. */
async function openAlertedHouse() {
  const robot = await openCustomer(() => ({ status: 200, body: '{"errcode":0,"errmsg":"ok"}' }))
  const clock = new ManualClock(Date.now())
  const house = await openHouse({
    clock,
    env: { QUNHUB_ALERT_URL: `${robot.url}/send?key=k`, QUNHUB_ALERT_KIND: 'wecom' },
  })
  onTestFinished(async () => {
    await house.close()
    await robot.close()
  })
  const bot = house.world.addBot({ userId: 'xiaobei' })
  const guest = house.world.addContact({ friendOf: [bot.wxid] })
  const room = house.world.addRoom({
    ownerId: house.world.addCoworker().wxid,
    members: [bot.wxid, house.world.addContact().wxid],
  })
  const botId = await house.host(bot)

  /** Moves on, a second at a time, until it is so; returns how long it took. */
  const passUntil = async (what: string, isSo: () => boolean | Promise<boolean>) => {
    const from = clock.now()
    await eventually(
      what,
      async () => {
        if (await isSo()) return true
        clock.advance(SECOND_MS)
        return false
      },
      20_000,
    )
    return clock.now() - from
  }
  const session = async () => (await house.operate('list-bots', {})).bots[0]!.session
  const metric = async (name: string): Promise<number> => {
    const line = (await house.send('/metrics')).text.split('\n').find(each => each.startsWith(`${name} `))
    return Number(line?.split(' ')[1] ?? 0)
  }
  const add = () =>
    house.post('/room/addMember', {
      botUserId: 'xiaobei',
      contactWxid: guest.wxid,
      roomWxid: room.wxid,
    })
  const exit = () => house.post('/room/exit', { wecomUserId: 'xiaobei', roomWxid: room.wxid })
  return { house, bot, botId, room, guest, robot, clock, passUntil, session, metric, add, exit }
}

test('BOT-199 MET-20 a deaf bot is shown, counted and alerted, its requests are refused as offline, and all of it is over when it hears', async () => {
  const { house, bot, botId, room, guest, robot, passUntil, session, metric, add, exit } =
    await openAlertedHouse()
  house.simulator.faults.add({ on: 'stream', mode: 'greeting-only' })

  const took = await passUntil('the bot not to be online', async () => (await session()).state !== 'online')
  expect(took).toBeLessThan(2 * MINUTE_MS)
  expect(await session()).toMatchObject({
    state: 'reconnecting',
    reason: 'the stream fell silent',
    deaf: { since: expect.any(Number), stage: 'new-stream' },
  })
  expect((await add()).body).toMatchObject({ code: -5 })
  expect((await exit()).body).toMatchObject({ code: -6 })
  expect(room.members.has(guest.wxid)).toBe(false)
  expect(await metric('qunhub_bots_deaf{stage="new-stream"}')).toBe(1)
  expect(await metric('qunhub_bots_found_deaf_total')).toBe(1)

  await passUntil('the alert', () => robot.heard.length === 1)
  const [alert] = robot.heard
  expect(alert!.path).toBe('/send?key=k')
  expect(alert!.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(alert!.json).toEqual({
    msgtype: 'text',
    text: { content: expect.stringMatching(new RegExp(`⚠ xiaobei \\(${botId}\\) 已连上但收不到任何事件`)) },
  })
  expect(await metric('qunhub_alerts_total{cause="deaf"}')).toBe(1)
  expect(await metric('qunhub_alert_messages_total{result="sent"}')).toBe(1)

  house.simulator.faults.clear()
  await passUntil('the bot to be online', async () => (await session()).state === 'online')
  expect((await session()).deaf).toBeNull()
  expect(await metric('qunhub_bots_deaf{stage="start-again"}')).toBe(0)
  expect(await metric('qunhub_deaf_bots_healed_total{stage="start-again"}')).toBe(1)
  await passUntil('the all-clear', () => robot.heard.length === 2)
  expect(robot.heard[1]!.json).toMatchObject({ text: { content: expect.stringContaining('✓ xiaobei') } })
  expect((await add()).body).toMatchObject({ code: 0 })
  expect(bot.state).toBe('online')
})

test('BOT-199 an account that is logged out is alerted, and so is one whose puppet stays away', async () => {
  const { house, bot, robot, passUntil, session } = await openAlertedHouse()
  house.world.setBotState(bot.wxid, 'logged-out')
  await passUntil('the alert', () => robot.heard.length === 1)
  house.world.setBotState(bot.wxid, 'online')
  await passUntil('the all-clear', () => robot.heard.length === 2)

  house.simulator.killServer()
  await passUntil('the loss', async () => (await session()).state !== 'online')
  expect(await passUntil('the second alert', () => robot.heard.length === 3)).toBeGreaterThanOrEqual(
    5 * MINUTE_MS,
  )
  expect(robot.heard.map(({ json }) => JSON.stringify(json))).toEqual([
    expect.stringContaining('账号已退出登录'),
    expect.stringContaining('已恢复在线'),
    expect.stringContaining('长时间不在线'),
  ])
})

test('BOT-198 a lost bot that another node took meanwhile is not alerted here; one that was begun anew with is, once', async () => {
  const { house, botId, robot, clock, passUntil, session } = await openAlertedHouse()
  const taken = await house.host(house.world.addBot({ userId: 'xiaonan' }))
  const begunAnew = await house.host(house.world.addBot({ userId: 'xiaodong' }))
  const live = house.gateway.operator.live!
  const hosted = (id: BotId) => live.roster.byId(house.workspaceId, id)
  house.simulator.killServer()
  const lostAt = clock.now()
  await passUntil('all three to be lost', () =>
    [botId, taken, begunAnew].every(id => hosted(id)!.session.state !== 'online'),
  )

  const before = hosted(begunAnew)
  await house.gateway.operator.db.write(async tx => {
    const elsewhere = { id: 'elsewhere', address: null, entered: 1, beat: 1 }
    await tx.run(tx.query.insertInto('node').values(elsewhere).compile())
    const claim = tx.query.updateTable('bot').set(({ eb }) => ({ fence: eb('fence', '+', 1) }))
    await tx.run(claim.set({ node_id: elsewhere.id }).where('id', '=', taken).compile())
    await tx.run(claim.where('id', '=', begunAnew).compile())
  })
  await live.claimBots()
  expect(hosted(taken)).toBeUndefined()
  expect(hosted(begunAnew)).not.toBe(before)

  await passUntil('the alert', () => robot.heard.length === 1)
  expect(clock.now() - lostAt).toBeLessThan(6 * MINUTE_MS)
  const { content } = (robot.heard[0]!.json as { text: { content: string } }).text
  expect(content.match(/⚠ \w+/g)?.toSorted()).toEqual(['⚠ xiaobei', '⚠ xiaodong'])
  await passUntil('as long again', () => clock.now() - lostAt > 12 * MINUTE_MS)
  expect(robot.heard).toHaveLength(1)
  expect((await session()).state).not.toBe('online')
})
