import { eventually } from '@qunhub/testing/eventually.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { freePort } from '@qunhub/testing/processes/node-process.ts'
import { openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../system/log.ts'
import { askOthers, OTHERS_WAIT_MAX_MS } from './ask-others.ts'
import { openPeers, type Peers } from './ask-peer.ts'

const accountRecord = { userId: 'kehuchenggong-0001', nickName: '客户成功部 小北', kind: 'wecom' }
/** As a list shows a bot that has something to say: its code to scan. */
const botRecord = {
  workspaceId: 'f'.repeat(24),
  endpoint: 'puppet-0001.internal.example.com:18788',
  discovery: null,
  isPlainAbroad: true,
  tls: false,
  expectedUserId: 'kehuchenggong-0001',
  session: {
    state: 'awaiting-scan',
    since: 1_764_000_000_000,
    reason: '',
    qrcode: `https://wx.work.weixin.qq.com/cgi-bin/crtx_auth?key=${'0'.repeat(200)}`,
    deaf: null,
  },
  additionsInLastMinute: 12,
  createdAt: 1_764_000_000_000,
}

test('NODE-18 a node that runs ten thousand bots of one workspace is heard with all of them', async () => {
  const bots = Array.from({ length: 10_000 }, (_, n) => {
    const hex = n.toString(16).padStart(24, '0')
    const account = { ...accountRecord, wxid: `1688850000${String(n).padStart(6, '0')}` }
    return { ...botRecord, id: hex, account }
  })
  const reply = { ok: true, value: { live: true, bots } }
  const stand = await openCustomer([{ status: 200, body: JSON.stringify(reply) }])
  const clock = new ManualClock()
  const peers = openPeers({ secret: 's', clock, log: silentLog, isAlive: () => true })
  onTestFinished(async () => {
    await peers.close()
    await stand.close()
  })
  const node = { id: 'peer', address: new URL(stand.url).host, beat: 1, entered: 1, attending: true }
  const replies = await askOthers(
    { peers, membership: { id: 'us', nodes: [node] }, clock },
    { path: '/operator/list-bots', workspaceId: 'w', body: {}, requestId: 'r' },
  )
  expect(replies).toEqual([reply])
})

test('NODE-18 whoever answers in time is heard; who hangs, is not there, has no address or does not know the question is passed over', async () => {
  const reply = { ok: true, value: { live: true, bots: [] } }
  const stands = await Promise.all([
    openCustomer([{ status: 200, body: JSON.stringify(reply) }]),
    openCustomer(['hang']),
    openCustomer([421]),
  ])
  const clock = new ManualClock()
  const peers = openPeers({ secret: 's', clock, log: silentLog, isAlive: () => true })
  onTestFinished(async () => {
    await peers.close()
    for (const stand of stands) await stand.close()
  })
  const addresses = [...stands.map(({ url }) => new URL(url).host), `127.0.0.1:${await freePort()}`, null]
  const nodes = [
    { id: 'us', address: '127.0.0.1:1' },
    ...addresses.map((address, n) => ({ id: `node${n}`, address })),
  ].map(node => ({ ...node, beat: 1, entered: 1, attending: true }))

  let settled = 0
  const counting: Pick<Peers, 'ask'> = {
    ask: (peer, asked) => peers.ask(peer, asked).finally(() => (settled += 1)),
  }
  const asking = askOthers(
    { peers: counting, membership: { id: 'us', nodes }, clock },
    { path: '/operator/list-bots', workspaceId: 'w', body: {}, requestId: 'r' },
  )
  await eventually('all but the one that hangs', () => settled === 3 && stands[1]!.heard.length === 1)
  clock.advance(OTHERS_WAIT_MAX_MS)
  expect(await asking).toEqual([reply])
})
