import type { BotId, ReplayRecord } from '@qunhub/wire'
import { done, refuse } from '../model/result.ts'
import type { Replay } from '../store/outbox/replay-rows.ts'
import {
  countReplayable,
  listReplays,
  startReplay,
  steerReplay,
  UNENDED_MAX,
} from '../store/outbox/replays.ts'
import { candidates } from './choose.ts'
import { lookingTime } from './looking-time.ts'
import { chooseRoom } from './rooms/choose-chats.ts'
import type { Verbs } from './verb.ts'

/** Many callbacks sent again, step by step. */
export const replayVerbs = {
  /**
   * Makes everything that fits due again, oldest first and a few at a time, with the same webhook-id and the same bytes
   * (CB-9). A gateway does the steps; without one it begins with the next start. A dry run only counts.
   */
  'start-replay': async (asked, { db, random, clock, workspace, bot }) => {
    const { state, kind, room, status, from, until, dryRun } = asked
    if ([state, kind, room, bot, status, from, until].every(condition => condition === undefined))
      return refuse('replay-unclear')
    const chosen = await chooseRoom(db, workspace.id, room)
    if (!chosen.ok) return chosen
    const filter = {
      ...{ state, kind, roomWxid: chosen.value, botId: bot?.id, status },
      ...{ owedFrom: from, owedUntil: until },
    }
    const counted = await countReplayable(db, workspace.id, filter, lookingTime(clock))
    const matching = { matching: counted.count, atLeast: counted.atLeast }
    if (dryRun) return done({ ...matching, replay: null })
    const replay = await startReplay(db, random, workspace.id, filter, clock.now())
    return replay
      ? done({ ...matching, replay: present(replay) })
      : refuse('replays-too-many', String(UNENDED_MAX))
  },

  /** Newest first, those that have ended too. */
  'list-replays': async (_asked, { db, workspace }) =>
    done({ replays: (await listReplays(db, workspace.id)).map(present) }),

  /** What is due by then is delivered all the same. */
  'steer-replay': async ({ id: named, to }, { db, clock, workspace }) => {
    const unended = (await listReplays(db, workspace.id)).filter(({ endedAt }) => endedAt === null)
    const byId = unended.filter(({ id }) => id === named)
    const begun = named.length >= BEGINNING_CHARACTERS_MIN ? named : undefined
    const meant = byId.length > 0 ? byId : unended.filter(({ id }) => begun && id.startsWith(begun))
    const [only, ...others] = meant
    if (others.length > 0)
      return refuse(
        'replay-ambiguous',
        candidates(
          named,
          meant.map(({ id, state }) => ({ id, name: state })),
        ),
      )
    const replay = await steerReplay(db, workspace.id, only?.id ?? named, STATES[to], clock.now())
    return replay ? done(present(replay)) : refuse('replay-unknown', named)
  },
} satisfies Verbs

/** Fewer are as good as none. */
const BEGINNING_CHARACTERS_MIN = 4
const STATES = { pause: 'paused', continue: 'running', cancel: 'cancelled' } as const

/** A replay as operators see it: what it takes in the words in which it was asked. */
const present = ({ filter, ...replay }: Replay): ReplayRecord => {
  const { state, kind, roomWxid, botId, status, owedFrom, owedUntil } = filter
  return {
    ...replay,
    filter: {
      state,
      kind,
      room: roomWxid,
      bot: botId as BotId | undefined,
      status,
      from: owedFrom,
      until: owedUntil,
    },
  }
}
