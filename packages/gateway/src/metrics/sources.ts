import { deafnessOf } from '../model/bot.ts'
import type { Membership } from '../node/membership.ts'
import type { Roster } from '../puppet/roster.ts'
import type { Database } from '../store/database/database.ts'
import { systemClock } from '../system/clock.ts'
import { openBotCensus } from './bot-census.ts'
import type { MetricSources } from './gauges.ts'
import { openOutboxCensus } from './outbox-census.ts'

/** What is true of this node at the moment of a reading. */
export const sourcesOf = ({
  db,
  roster,
  membership,
}: {
  readonly db: Database
  readonly roster: Roster
  readonly membership: Membership
}): MetricSources => ({
  sessions: () => roster.all().map(bot => bot.session.state),
  deaf: () => roster.all().flatMap(bot => deafnessOf(bot.session)?.stage ?? []),
  census: openBotCensus({ db, clock: systemClock, nodeId: () => membership.id }),
  outbox: openOutboxCensus(db, systemClock),
  nodes: () => membership.nodes.length,
  isIn: () => membership.isIn,
  load: () => db.load(),
})
