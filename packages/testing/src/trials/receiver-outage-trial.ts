/**
 * A receiver is there, goes away for a while, and comes back; callbacks are owed all the time at a steady pace. Some of
 * the first use up their retries, until the breaker opens and everything is held; 30 minutes later the probe is taken, and
 * what was held arrives. In the end what used up its retries is replayed.
 *
 * The trial asks what time it is and lets it pass, and does not know whether the clock is moved or real.
 */
import type { WorkspaceId } from '@qunhub/wire'
import { OPEN_MS } from '../../../gateway/src/model/breaker.ts'
import type { Database } from '../../../gateway/src/store/database/database.ts'
import { findCallback, listCallbacks } from '../../../gateway/src/store/outbox/callbacks.ts'
import { replayCallback } from '../../../gateway/src/store/outbox/replay-callback.ts'
import { MINUTE_MS } from '../../../gateway/src/system/clock.ts'
import type { TrialBody } from '../processes/outbox-process.ts'
import type { LeavingReceiver } from '../receivers/open-leaving-receiver.ts'
import { type ArrivalVerdict, type Committed, judgeArrivals } from './judge-arrivals.ts'

/** How long everything that was held may take, once the receiver takes callbacks again. */
export const CAUGHT_UP_WITHIN_MS = 2 * MINUTE_MS
/** Longer than it may take, so that what takes too long is measured too. */
const CAUGHT_UP_WAIT_MS = 10 * MINUTE_MS
/** Until the breaker opens, and the first look after it has been open for long enough. */
const OPENING_MAX_MS = 3 * MINUTE_MS
const REPLAYED_WITHIN_MS = MINUTE_MS
const CALM_STEPS = 10
const PARKED_MAX = 1000

export interface OutageScene {
  readonly db: Database
  readonly workspaceId: WorkspaceId
  readonly receiver: LeavingReceiver
  readonly now: () => number
  /** Lets time pass, and what falls due meanwhile happen. */
  readonly pass: (ms: number) => Promise<void>
  readonly owe: (body: TrialBody) => Promise<void>
}

export interface OutagePace {
  readonly outageMs: number
  readonly rooms: number
  /** So many callbacks are owed, then for so long none. */
  readonly perStep: number
  readonly stepMs: number
}

export interface ReceiverOutageReport {
  readonly owed: number
  /** From when the receiver left to the last attempt that it missed. */
  readonly openedAfterMs: number
  /** And from then on nothing was sent for so long. */
  readonly silentMs: number
  /** Used up their retries before the breaker opened. */
  readonly parked: number
  /** Neither heard nor parked when the probe arrived. */
  readonly held: number
  /** From the arrival of the probe to that of the last one that was held. */
  readonly caughtUpMs: number
  /** Of everything but what was parked; that arrived too, when it was replayed, or the trial would have failed. */
  readonly verdict: ArrivalVerdict
}

export async function tryReceiverOutage(scene: OutageScene, pace: OutagePace): Promise<ReceiverOutageReport> {
  const { receiver, now } = scene
  const { arrivals } = receiver
  const owed: Owed[] = []
  const owe = async () => {
    for (let burst = 0; burst < pace.perStep; burst++) {
      const n = owed.length
      const body = { room: `R:${n % pace.rooms}`, mark: `${n}` }
      owed.push({ ...body, n, at: now() })
      await scene.owe(body)
    }
    await scene.pass(pace.stepMs)
  }
  const rest = () => scene.pass(pace.stepMs)
  const until = async (step: () => Promise<void>, what: string, withinMs: number, isSo: () => boolean) => {
    for (const end = now() + withinMs; !isSo(); await step())
      if (now() > end) throw new Error(`waited ${withinMs} ms in vain for: ${what}`)
  }

  for (let calm = 0; calm < CALM_STEPS; calm++) await owe()
  await receiver.leave()
  const leftAt = now()
  const before = arrivals.length
  await until(owe, 'the end of the outage', Infinity, () => now() >= leftAt + pace.outageMs)
  await receiver.comeBack()
  await until(owe, 'the probe', OPEN_MS + OPENING_MAX_MS, () => arrivals.length > before)

  const probe = arrivals[before]!
  const parked = await readParked(scene)
  const missedAt = await lastFailureAt(scene, leftAt)
  const heardBefore = marksOf(arrivals.slice(0, before))
  const isHeld = ({ mark, at }: Owed) => at <= probe.at && !heardBefore.has(mark) && !parked.has(mark)
  const held = marksOf(owed.filter(isHeld))
  await until(owe, 'what was held', CAUGHT_UP_WAIT_MS, () => held.isSubsetOf(marksOf(arrivals)))
  const lastHeld = arrivals.findLast(({ mark }) => held.has(mark))!

  for (let calm = 0; calm < CALM_STEPS; calm++) await owe()
  const isSettled = () => marksOf(arrivals).size === owed.length - parked.size
  await until(rest, 'what was owed since', CAUGHT_UP_WAIT_MS, isSettled)
  const kept = owed.filter(({ mark }) => !parked.has(mark))
  const verdict = judgeArrivals(kept, [], arrivals)

  for (const id of parked.values()) await replayCallback(scene.db, scene.workspaceId, id, now())
  const isReplayed = () => marksOf(arrivals).size === owed.length
  await until(rest, 'what was replayed', REPLAYED_WITHIN_MS, isReplayed)
  return {
    owed: owed.length,
    openedAfterMs: missedAt - leftAt,
    silentMs: probe.at - missedAt,
    parked: parked.size,
    held: held.size,
    caughtUpMs: lastHeld.at - probe.at,
    verdict,
  }
}

type Owed = Committed & { readonly at: number }

const marksOf = (bodies: readonly { readonly mark: string }[]): Set<string> =>
  new Set(bodies.map(({ mark }) => mark))

/** Their ids by their marks. */
async function readParked({ db, workspaceId }: OutageScene): Promise<Map<string, number>> {
  const parked = new Map<string, number>()
  for (const { id } of await listCallbacks(db, workspaceId, { state: 'parked', limit: PARKED_MAX })) {
    const { body } = (await findCallback(db, workspaceId, id))!
    parked.set((JSON.parse(body) as TrialBody).mark, id)
  }
  return parked
}

async function lastFailureAt({ db }: OutageScene, from: number): Promise<number> {
  const row = await db.first(
    db.query
      .selectFrom('attempt')
      .select(({ fn }) => fn.max('started_at').as('at'))
      .where('outcome', '=', 'failed')
      .where('started_at', '>=', from)
      .compile(),
  )
  return Number(row?.at ?? from)
}
