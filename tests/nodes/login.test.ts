import { eventually } from '@qunhub/testing/eventually.ts'
import { openCluster } from '@qunhub/testing/grounds/open-cluster.ts'
import { expect, onTestFinished, test } from 'vitest'

test('NODE-2 a bot of another node is shown as it is there, with its QR code, and logged out there', async () => {
  const cluster = await openCluster(2)
  onTestFinished(() => cluster.close())
  const waiting = cluster.world.addBot({ userId: 'dengluzhe', state: 'awaiting-scan' })
  const { id } = await cluster.nodes[0]!.operate('add-bot', {
    workspace: cluster.workspaceId,
    endpoint: cluster.simulator.endpoint,
    token: waiting.token,
  })
  const [ran, asked] = await eventually('a node runs it', () => {
    const runner = cluster.nodes.find(node => node.bots().includes(id))
    return runner && [runner, cluster.otherThan(id)]
  })
  const login = (seen?: string) =>
    asked!.operate('login-bot', { bot: id, ...(seen === undefined ? {} : { seen, waitSeconds: 10 }) })
  const shown = await eventually('its code', async () => {
    const told = await login()
    return told.qrcode && told
  })
  expect(shown).toMatchObject({ state: 'awaiting-scan', qrcode: { scan: 'waiting' } })
  const waits = login(shown.seen)
  cluster.world.takeScanStep(waiting.wxid, 'scanned', shown.qrcode!.text)
  expect(await waits).toMatchObject({ qrcode: { scan: 'scanned' } })

  cluster.world.takeScanStep(waiting.wxid, 'confirmed')
  await eventually('it is online', async () => (await login()).account?.userId === 'dengluzhe')
  const moved = await eventually('its moves', async () => {
    const told = await asked!.operate('show-bot', { bot: id })
    return told.moves[0]?.to === 'online' && told
  })
  expect(moved).toMatchObject({ live: true, bot: { session: { state: 'online' } } })
  expect(await asked!.operate('logout-bot', { bot: id })).toEqual({ id })
  expect(waiting.state).toBe('logged-out')
  expect(ran!.gateway.operator.live!.roster.byId(cluster.workspaceId, id)!.session.state).toBe('logged-out')
})
