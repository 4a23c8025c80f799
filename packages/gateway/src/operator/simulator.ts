import type { Moved, SimulatedWorldView, VerbInput } from '@qunhub/wire'
import { type Result, refuse } from '../model/result.ts'
import type { VerbDeps, Verbs } from './verb.ts'

type Unfit = 'world-unknown' | 'world-refused'
type Move<R extends string = Unfit> = Result<Moved, R>

/** The simulated WeCom that runs beside this gateway, as far as people may look at it and move it. */
export interface SimulatedWorld {
  show(asked: VerbInput<'show-simulator'>): Result<SimulatedWorldView, 'world-unknown'>
  join(asked: VerbInput<'simulate-join'>): Move
  leave(asked: VerbInput<'simulate-leave'>): Move
  answerCard(asked: VerbInput<'simulate-card'>): Move
  crowd(asked: VerbInput<'simulate-crowd'>): Move
  say(asked: VerbInput<'simulate-message'>): Move
  setAccount(asked: VerbInput<'simulate-account'>): Move
  breakDown(asked: VerbInput<'simulate-fault'>): Move<Unfit | 'fault-uncounted' | 'faults-full'>
  mend(): Move<never>
}

/** Carries it out in the world that runs here, if one does. */
async function inWorld<V, R extends string>(
  { live }: Pick<VerbDeps, 'live'>,
  work: (world: SimulatedWorld) => Result<V, R>,
): Promise<Result<V, R | 'no-simulator'>> {
  const world = live?.simulatedWorld()
  return world ? work(world) : refuse('no-simulator')
}

export const simulatorVerbs = {
  'show-simulator': (asked, deps) => inWorld(deps, world => world.show(asked)),
  'simulate-join': (asked, deps) => inWorld(deps, world => world.join(asked)),
  'simulate-leave': (asked, deps) => inWorld(deps, world => world.leave(asked)),
  'simulate-card': (asked, deps) => inWorld(deps, world => world.answerCard(asked)),
  'simulate-crowd': (asked, deps) => inWorld(deps, world => world.crowd(asked)),
  'simulate-message': (asked, deps) => inWorld(deps, world => world.say(asked)),
  'simulate-account': (asked, deps) => inWorld(deps, world => world.setAccount(asked)),
  'simulate-fault': (asked, deps) => inWorld(deps, world => world.breakDown(asked)),
  'clear-simulated-faults': (_asked, deps) => inWorld(deps, world => world.mend()),
} satisfies Verbs
