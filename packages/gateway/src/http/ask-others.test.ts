import { expect, onTestFinished, test } from 'vitest'
import { openCustomer } from '../../testing/customer.ts'
import { eventually } from '../../testing/eventually.ts'
import { freePort } from '../../testing/node-process.ts'
import { MovedClock } from '../../testing/moved-clock.ts'
import { silentLog } from '../model/log.ts'
import { askOthers, OTHERS_WAIT_MAX_MS } from './ask-others.ts'
import { openPeers, type Peers } from './ask-peer.ts'

test('NODE-18 whoever answers in time is heard; who hangs, is not there, has no address or does not know the question is passed over', async () => {
  const reply = { ok: true, value: { live: true, bots: [] } }
  const stands = await Promise.all([
    openCustomer([{ status: 200, body: JSON.stringify(reply) }]),
    openCustomer(['hang']),
    openCustomer([421]),
  ])
  const clock = new MovedClock()
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
