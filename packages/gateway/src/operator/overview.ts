import { type BotRecord, OVERVIEW_BOTS } from '@qunhub/wire'
import { done } from '../model/result.ts'
import { findBreaker } from '../store/outbox/address-glance.ts'
import { noTally, readTallies } from '../store/outbox/callback-minutes.ts'
import { countStates, hasDelivered, oldestWaiting } from '../store/outbox/count-states.ts'
import { HOUR_MS, MINUTE_MS } from '../system/clock.ts'
import { botVerbs } from './bots.ts'
import type { Verbs } from './verb.ts'

export const overviewVerbs = {
  /** Everything that the first page of the console shows, in one question that costs the same however much is kept. */
  'show-overview': async (_asked, deps) => {
    const { db, clock, workspace } = deps
    const now = clock.now()
    const [listed, counts, oldestOwedAt, everDelivered, address, lastHour] = await Promise.all([
      botVerbs['list-bots']({ countRooms: false }, deps),
      countStates(db, workspace.id, ['due', 'parked', 'quarantined']),
      oldestWaiting(db, workspace.id),
      hasDelivered(db, workspace.id),
      findBreaker(db, workspace.id),
      sumOfHour(deps, now),
    ])
    const { live, bots } = listed.value
    const { due: waiting, parked, quarantined } = counts
    return done({
      live,
      bots: standingsOf(bots),
      callbacks: { waiting, oldestOwedAt, parked, quarantined, everDelivered, lastHour },
      address,
    })
  },
} satisfies Verbs

async function sumOfHour(
  {
    db,
    workspace,
  }: { db: Parameters<typeof readTallies>[0]; workspace: { id: Parameters<typeof readTallies>[1] } },
  now: number,
) {
  const begin = Math.floor((now - HOUR_MS) / MINUTE_MS) * MINUTE_MS
  const sum = noTally()
  for (const tally of await readTallies(db, workspace.id, { from: begin, until: now })) {
    sum.delivered += tally.delivered
    sum.retried += tally.retried
    sum.parked += tally.parked
    sum.quarantined += tally.quarantined
  }
  return sum
}

/** Each bot counts once. */
function standingsOf(bots: readonly BotRecord[]) {
  const deaf = bots.filter(({ session }) => session.state === 'online' && session.deaf !== null).length
  const inState = (state: BotRecord['session']['state']) =>
    bots.filter(({ session }) => session.state === state).length
  const [online, awaitingScan] = [inState('online') - deaf, inState('awaiting-scan')]
  return {
    ...{ all: bots.length, online, deaf, awaitingScan },
    // Those that are only just being connected need nobody yet.
    away: bots.length - online - deaf - awaitingScan - inState('new') - inState('connecting'),
    unwell: bots
      .filter(bot => urgencyOf(bot) > 0)
      .toSorted((one, other) => urgencyOf(other) - urgencyOf(one))
      .slice(0, OVERVIEW_BOTS.unwell),
    first: bots.slice(0, OVERVIEW_BOTS.shown),
  }
}

/** 0: it needs nobody; a verification is over in two minutes, so it comes first. */
function urgencyOf({ session: { state, deaf, verification } }: BotRecord): number {
  if (verification !== null) return 3
  if (deaf !== null) return 2
  switch (state) {
    case 'offline':
    case 'logged-out':
    case 'wrong-account':
    case 'occupied':
      return 2
    case 'awaiting-scan':
    case 'reconnecting':
      return 1
    case 'new':
    case 'connecting':
    case 'online':
      return 0
    default:
      return state satisfies never
  }
}
