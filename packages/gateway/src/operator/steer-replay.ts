import { done, refuse } from '../model/result.ts'
import { steerReplay as steer } from '../store/replays.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

const STATES = { pause: 'paused', continue: 'running', cancel: 'cancelled' } as const

/** What is due by then is delivered all the same. */
export const steerReplay: Verb<'steer-replay'> = async ({ workspace, id, to }, { db, clock }) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  const replay = await steer(db, chosen.value.id, id, STATES[to], clock.now())
  return replay ? done(replay) : refuse('replay-unknown', id)
}
