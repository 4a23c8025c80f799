import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { SECOND_MS } from '../../../gateway/src/system/clock.ts'
import { openLiveOutbox } from '../grounds/open-live-outbox.ts'
import { openLeavingReceiver } from '../receivers/open-leaving-receiver.ts'
import { type ReceiverOutageReport, tryReceiverOutage } from './receiver-outage-trial.ts'

export const LIVE_ROOMS = 50
export const LIVE_PER_SECOND = 5
/** What the receiver takes for each answer. */
export const LIVE_ANSWER_MS = 20

/** The trial of a receiver that goes away, on the real clock: a run takes half an hour and a little. */
export async function tryLiveReceiverOutage(
  outageMs: number,
  databaseUrl?: string,
): Promise<ReceiverOutageReport> {
  const opened: (() => Promise<unknown>)[] = []
  try {
    const home = await mkdtemp(join(tmpdir(), 'qunhub-outage-'))
    opened.push(() => rm(home, { recursive: true, force: true }))
    const receiver = await openLeavingReceiver(Date.now, () => pause(LIVE_ANSWER_MS))
    opened.push(() => receiver.leave())
    const at = { dataDir: home, ...(databaseUrl === undefined ? {} : { databaseUrl }) }
    const outbox = await openLiveOutbox({ ...at, urls: [receiver.url] })
    opened.push(() => outbox.close())

    const workspaceId = outbox.workspaceIds[0]!
    const scene = {
      db: outbox.db,
      workspaceId,
      receiver,
      now: Date.now,
      pass: (ms: number) => pause(ms),
      owe: (body: { room: string; mark: string }) => outbox.owe(workspaceId, body.room, body),
    }
    const pace = { outageMs, rooms: LIVE_ROOMS, perStep: 1, stepMs: SECOND_MS / LIVE_PER_SECOND }
    return await tryReceiverOutage(scene, pace)
  } finally {
    for (const end of opened.toReversed()) await end()
  }
}
