import { done, refuse } from '../model/result.ts'
import { startReplay as begin, countReplayable, UNENDED_MAX } from '../store/replays.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/**
 * Makes everything that fits due again, oldest first and a few at a time, with the same webhook-id and the same bytes
 * (CB-9). A gateway does the steps; without one it begins with the next start. A dry run only counts.
 */
export const startReplay: Verb<'start-replay'> = async (input, { db, random, clock }) => {
  const { state, kind, room, from, until, dryRun } = input
  if ([state, kind, room, from, until].every(condition => condition === undefined))
    return refuse('replay-unclear')
  const chosen = await chooseWorkspace(db, input.workspace)
  if (!chosen.ok) return chosen
  const filter = { state, kind, roomWxid: room, owedFrom: from, owedUntil: until }
  const matching = await countReplayable(db, chosen.value.id, filter)
  if (dryRun) return done({ matching, replay: null })
  const replay = await begin(db, random, chosen.value.id, filter, clock.now())
  return replay ? done({ matching, replay }) : refuse('replays-too-many', String(UNENDED_MAX))
}
