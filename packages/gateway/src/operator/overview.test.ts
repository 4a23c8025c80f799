import { type Office, openOffice } from '@qunhub/testing/grounds/open-office.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { addTallies, noTally } from '../store/outbox/callback-minutes.ts'
import { HOUR_MS, MINUTE_MS } from '../system/clock.ts'

let office: Office

beforeEach(async () => {
  office = await openOffice()
})
afterEach(() => office.close())

const setState = (id: string, state: string, deaf_since: number | null = null) =>
  office.deps.db.write(tx =>
    tx.run(tx.query.updateTable('bot').set({ state, deaf_since }).where('id', '=', id).compile()),
  )

test('CON-30 the overview of a new workspace says what is missing', async () => {
  await office.workspaceNamed('甲')
  const nothing = { count: 0, atLeast: false }
  expect(await office.value('show-overview', {})).toEqual({
    live: false,
    bots: { all: 0, online: 0, deaf: 0, awaitingScan: 0, away: 0, unwell: [], first: [] },
    callbacks: {
      ...{ waiting: nothing, oldestOwedAt: null, parked: nothing, quarantined: nothing },
      ...{ everDelivered: false, lastHour: noTally() },
    },
    address: null,
  })
})

test('CON-30 each bot counts once, and the most urgent of those that need somebody come first', async () => {
  const workspace = await office.workspaceNamed('甲')
  const ids: string[] = []
  for (let at = 0; at < 10; at++) {
    const { id } = await office.value('add-bot', {
      ...{ workspace, endpoint: '127.0.0.1:1', token: `puppet_token_${at}` },
    })
    ids.push(id)
    office.clock.advance(1)
  }
  await setState(ids[0]!, 'reconnecting')
  for (const at of [1, 2]) await setState(ids[at]!, 'awaiting-scan')
  await setState(ids[3]!, 'online')
  for (const at of [4, 5, 6]) await setState(ids[at]!, 'logged-out')
  const { bots } = await office.value('show-overview', { workspace })
  expect(bots).toMatchObject({ all: 10, online: 1, deaf: 0, awaitingScan: 2, away: 4 })
  expect(bots.unwell.map(({ session }) => session.state)).toEqual([
    ...['logged-out', 'logged-out', 'logged-out', 'reconnecting', 'awaiting-scan'],
  ])
  expect(bots.first.map(({ id }) => id)).toEqual(ids.slice(0, 8))
})

test('CON-30 the overview adds up what became of callbacks within an hour, and shows the address', async () => {
  const workspace = await office.workspaceNamed('甲')
  await office.value('set-callback-url', { workspace, url: 'http://127.0.0.1:9/' })
  const minute = Math.floor(office.clock.now() / MINUTE_MS) * MINUTE_MS
  const tally = { workspaceId: workspace, ...noTally(), delivered: 3, retried: 1 }
  await addTallies(office.deps.db, [
    { ...tally, minute: minute - MINUTE_MS },
    { ...tally, minute: minute - 30 * MINUTE_MS, parked: 2 },
    { ...tally, minute: minute - 2 * HOUR_MS },
  ])
  const { callbacks, address } = await office.value('show-overview', { workspace })
  expect(callbacks.lastHour).toEqual({ delivered: 6, retried: 2, parked: 2, quarantined: 0 })
  expect(address).toEqual({ url: 'http://127.0.0.1:9/', breaker: 'closed', openUntil: null })
})
