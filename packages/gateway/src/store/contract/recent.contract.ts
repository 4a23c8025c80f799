import { noteStatements } from '@qunhub/testing/note-statements.ts'
import { describe, expect, test } from 'vitest'
import { HOUR_MS, MINUTE_MS } from '../../system/clock.ts'
import type { Statement } from '../database/database.ts'
import { momentKey } from '../database/moment-key.ts'
import { addTallies, forgetOldestHour, noTally, readTallies } from '../outbox/callback-minutes.ts'
import {
  keepRequests,
  listRequests,
  pruneRequests,
  type RequestEntry,
  type RequestFilter,
} from '../workspaces/request-entries.ts'
import { walksOf } from './explain.contract.ts'
import { NOON, type OpenStore, Scene } from './scene.contract.ts'

/** What is kept of the last minutes and requests, for people who look. */
export function recentContract(open: OpenStore): void {
  describe('callbacks a minute', () => {
    test('CON-17 what nodes count of one minute adds up, each workspace for itself', async () => {
      const { db, random, workspaceId } = await Scene.open(open)
      const other = await Scene.in(db, random)
      const tally = { workspaceId, minute: NOON, ...noTally(), delivered: 2, parked: 1 }
      await addTallies(db, [tally, { ...tally, workspaceId: other.workspaceId }])
      await addTallies(db, [
        { ...tally, retried: 5 },
        { ...tally, minute: NOON + MINUTE_MS },
      ])
      const range = { from: NOON, until: NOON + HOUR_MS }
      expect(await readTallies(db, workspaceId, range)).toEqual([
        { ...tally, delivered: 4, retried: 5, parked: 2 },
        { ...tally, minute: NOON + MINUTE_MS },
      ])
      expect(await readTallies(db, workspaceId, { ...range, until: NOON })).toEqual([])
      expect(await readTallies(db, other.workspaceId, range)).toHaveLength(1)
    })

    test('CON-17 what is old is forgotten hour by hour, and no statement walks through a week', async () => {
      const { db, workspaceId } = await Scene.open(open)
      const week = Array.from({ length: 3000 }, (_, n) => ({
        ...{ workspace_id: workspaceId, minute: NOON + n * MINUTE_MS },
        ...{ ...noTally(), delivered: 1 },
      }))
      for (let at = 0; at < week.length; at += 500)
        await db.write(tx =>
          tx.run(
            tx.query
              .insertInto('callback_minute')
              .values(week.slice(at, at + 500))
              .compile(),
          ),
        )
      const statements: Statement[] = []
      const noting = noteStatements(db, statements)
      const before = NOON + 90 * MINUTE_MS
      expect(await forgetOldestHour(noting, before, HOUR_MS)).toBe(true)
      expect(await forgetOldestHour(noting, before, HOUR_MS)).toBe(true)
      expect(await forgetOldestHour(noting, before, HOUR_MS)).toBe(false)
      const left = await readTallies(noting, workspaceId, { from: NOON, until: NOON + 2 * HOUR_MS })
      expect(left[0]!.minute).toBe(before)
      expect(left).toHaveLength(30)
      expect(await walksOf(db, 'callback_minute', statements)).toEqual([])
    })
  })

  describe('requests', () => {
    const entry = (n: number, but: Partial<RequestEntry>): RequestEntry => ({
      ...{ id: momentKey(NOON + n), at: NOON + n, endpoint: '/room/exit', status: 200, code: 0 },
      ...{ tokenId: 'a'.repeat(24), ms: 7, requestId: `r${n}`, workspaceId: '' as never },
      ...but,
    })

    test('CON-18 requests are read newest first, page by page, as they were kept, each workspace its own', async () => {
      const { db, random, workspaceId } = await Scene.open(open)
      const other = await Scene.in(db, random)
      const odd = entry(5, { workspaceId, code: null, status: 400, endpoint: `"'群\\` })
      await keepRequests(db, [
        ...[1, 2, 3].map(n => entry(n, { workspaceId, code: -n })),
        odd,
        entry(4, { workspaceId: other.workspaceId }),
      ])
      const [first, second] = await listRequests(db, workspaceId, { before: undefined, limit: 2 })
      expect(first).toEqual(odd)
      expect(second).toEqual(entry(3, { workspaceId, code: -3 }))
      const next = await listRequests(db, workspaceId, { before: second!.id, limit: 9 })
      expect(next.map(({ code }) => code)).toEqual([-2, -1])
    })

    test('CON-18 a filter finds what it says, and no other workspace is looked at', async () => {
      const { db, random, workspaceId } = await Scene.open(open)
      const other = await Scene.in(db, random)
      const token = 'b'.repeat(24)
      await keepRequests(db, [
        entry(1, { workspaceId }),
        entry(2, { workspaceId, code: -9, endpoint: '/room/addMember' }),
        entry(3, { workspaceId, code: null, status: 503, tokenId: token }),
        entry(4, { workspaceId, code: -9 }),
        entry(2, { workspaceId: other.workspaceId, code: -9 }),
      ])
      const found = async (filter: RequestFilter) =>
        (await listRequests(db, workspaceId, { ...filter, before: undefined, limit: 9 })).map(
          ({ requestId }) => requestId,
        )
      expect(await found({ code: -9 })).toEqual(['r4', 'r2'])
      expect(await found({ code: -9, endpoint: '/room/addMember' })).toEqual(['r2'])
      expect(await found({ refused: true })).toEqual(['r4', 'r3', 'r2'])
      expect(await found({ refused: false })).toHaveLength(4)
      expect(await found({ tokenId: token })).toEqual(['r3'])
      expect(await found({ requestId: 'r1' })).toEqual(['r1'])
      expect(await found({ requestId: 'r9' })).toEqual([])
    })

    test('CON-18 the newest stay, and a page costs the same wherever it lies', async () => {
      const { db, random, workspaceId } = await Scene.open(open)
      // So many that reading all of the table is never the cheaper way.
      const others = await Promise.all(Array.from({ length: 5 }, () => Scene.in(db, random)))
      for (const each of [workspaceId, ...others.map(other => other.workspaceId)])
        await keepRequests(
          db,
          Array.from({ length: 2500 }, (_, n) => entry(n, { workspaceId: each })),
        )
      const statements: Statement[] = []
      const noting = noteStatements(db, statements)
      const page = { before: momentKey(NOON + 1450), limit: 50 }
      expect(await listRequests(noting, workspaceId, page)).toHaveLength(50)
      expect(await listRequests(noting, workspaceId, { ...page, before: undefined })).toHaveLength(50)
      expect(await walksOf(db, 'request_entry', statements)).toEqual([])
      const rare = { code: -9, endpoint: '/room/exit', refused: true }
      expect(await listRequests(noting, workspaceId, { ...page, ...rare })).toEqual([])
      // The few that fit may be sorted; those of others are not read.
      const ofRare = await walksOf(db, 'request_entry', statements.slice(2))
      expect(ofRare.filter(step => !/^(->)? *Sort/.test(step))).toEqual([])
      expect(await pruneRequests(db, workspaceId, 100)).toBe(2400)
      expect(await pruneRequests(db, workspaceId, 100)).toBe(0)
      const left = { before: undefined, limit: 9999 }
      expect(await listRequests(db, workspaceId, left)).toHaveLength(100)
      expect(await listRequests(db, others[0]!.workspaceId, left)).toHaveLength(2500)
    })
  })
}
