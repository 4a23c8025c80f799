import { connect } from 'node:net'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { freePort } from '@qunhub/testing/processes/node-process.ts'
import { expect, onTestFinished, test } from 'vitest'
import { openGateway } from '../../packages/gateway/src/gateway.ts'
import type { Roster } from '../../packages/gateway/src/puppet/roster.ts'
import { silentLog } from '../../packages/gateway/src/system/log.ts'

async function openHouseWithBot(): Promise<House & { botId: string }> {
  const house = await openHouse()
  onTestFinished(() => house.close())
  return { ...house, botId: await house.host(house.world.addBot({ userId: 'xiaobei' })) }
}

const listensAt = (port: number): Promise<boolean> =>
  new Promise(done => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => done(true)).once('error', () => done(false))
    socket.once('connect', () => socket.destroy())
  })

test('RDY-7 the port listens when the bots are claimed, not before: none that exists is ever unknown', async () => {
  const house = await openHouseWithBot()
  await house.gateway.stop()
  const port = await freePort()
  let listenedAtClaim: Promise<boolean> | null = null
  const log = {
    ...silentLog,
    info: (_facts: object, sentence: string) => {
      if (sentence === 'this node runs a bot') listenedAtClaim ??= listensAt(port)
    },
  }
  const next = await openGateway({ ...house.config, port }, { log })
  onTestFinished(() => next.stop())
  expect(await listenedAtClaim).toBe(false)
  const ask = async (path: string, body: object) =>
    (
      await fetch(next.baseUrl + path, {
        method: 'POST',
        body: JSON.stringify({ token: house.token, ...body }),
      })
    ).json()
  const [ready, added, left] = await Promise.all([
    fetch(`${next.baseUrl}/ready`),
    ask('/room/addMember', { botUserId: 'xiaobei', contactWxid: 'nobody', roomWxid: 'R:none' }),
    ask('/room/exit', { wecomUserId: 'xiaobei', roomWxid: 'R:none' }),
  ])
  expect(ready.status).toBe(200)
  // Offline while it connects, and then no room of that name.
  expect([-5, -6]).toContain((added as { code: number }).code)
  expect([-6, -8]).toContain((left as { code: number }).code)
})

test('AM-5 CR-5 EX-6 a bot that nobody runs at this moment is offline, and not unknown', async () => {
  const house = await openHouseWithBot()
  const roster = house.gateway.operator.live!.roster as Roster
  // Before each: the rounds of a node that shares its store host again what is its own.
  const code = async (path: string, body: object) => {
    await roster.remove(house.workspaceId, house.botId as never)
    return (await house.post(path, body)).body
  }
  expect(
    await code('/room/addMember', { botUserId: 'xiaobei', contactWxid: 'nobody', roomWxid: 'R:none' }),
  ).toMatchObject({ code: -5 })
  expect(await code('/room/create', { botUserId: 'xiaobei', wxids: ['a', 'b'] })).toMatchObject({
    errcode: -5,
  })
  expect(await code('/room/exit', { wecomUserId: 'xiaobei', roomWxid: 'R:none' })).toMatchObject({ code: -6 })
  expect(
    await code('/room/addMember', { botUserId: 'nobody', contactWxid: 'nobody', roomWxid: 'R:none' }),
  ).toMatchObject({ code: -2 })
})
