import { noteStatements } from '@qunhub/testing/note-statements.ts'
import { openOwnStore } from '@qunhub/testing/open-own-store.ts'
import { describe, expect, test } from 'vitest'
import { breakerContract } from '../contract/breaker.contract.ts'
import { outboxContract } from '../contract/outbox.contract.ts'
import { replaysContract } from '../contract/replays.contract.ts'
import { enqueueCallback, keyring, NOON, owed, Scene } from '../contract/scene.contract.ts'
import type { Database, Statement, Transaction } from '../database/database.ts'
import { setCallbackUrl } from '../outbox/callback-addresses.ts'
import { readAddresses, readBodies, readNews, readOwed, readRooms } from '../outbox/run-address.ts'
import { settleCallbacks } from '../outbox/settle-callbacks.ts'

describe('the outbox on SQLite', () => outboxContract(openOwnStore))
describe('the breaker on SQLite', () => breakerContract(openOwnStore))
describe('replays on SQLite', () => replaysContract(openOwnStore))

describe('the outbox on SQLite: plans', () => {
  test('ST-96 no statement of the courier walks through a workspace or sorts', async () => {
    const { db, random, workspaceId } = await Scene.open(openOwnStore)
    const { addressId } = await setCallbackUrl(db, keyring, random, workspaceId, 'http://127.0.0.1:1', NOON)
    const statements: Statement[] = []
    const now = NOON
    await db.write(async tx => {
      const noting = noteStatements(tx, statements)
      await enqueueCallback(noting, workspaceId, owed('a'), now)
      const [address] = await readAddresses(noting, 'us')
      await readNews(noting, [{ workspaceId, addressId, after: 0 }], 10)
      const [callback] = await readRooms(noting, [{ ...address!, laneKey: 'R:lane' }], {
        ofRoom: 16,
        bytesMax: 100,
      })
      await readOwed(noting, address!, 0, 10)
      await readAddresses(noting, 'us', [workspaceId])
      await readBodies(noting, workspaceId, [callback!.bodyId])
      const attempt = {
        startedAt: now,
        ms: 1,
        outcome: 'failed',
        status: null,
        errorClass: 'reset',
        snippet: null,
        reason: null,
      } as const
      const to = { state: 'due', attempt: 1, dueAt: now + 1, faults: 0, settledAt: null } as const
      const tells = { what: 'exhausted', callbackId: callback!.id } as const
      // Its own write, so that the one that is noted need not end before.
      const write = (work: (tx: Transaction) => Promise<unknown>) => work(noting)
      const inside = Object.assign(Object.create(noting), { write })
      await settleCallbacks(
        inside as Database,
        [{ address: address!, callback: callback!, to, attempt, tells, accepted: null }],
        async () => now,
      )
    })

    expect(statements.length).toBeGreaterThanOrEqual(12)
    for (const { sql, parameters } of statements) {
      const steps = await db.write(tx =>
        tx.all<{ detail: string }>({ sql: `explain query plan ${sql}`, parameters }),
      )
      const plan = steps.map(({ detail }) => detail).join('; ')
      // The addresses themselves are walked, and there are few; so are the list that was asked for, and what was found up to a limit.
      const rest = plan
        .replace(/^SCAN callback_address$/, '')
        .replace(/SCAN json_each/, '')
        .replaceAll(/SCAN (limited|held)\b/g, '')
      expect(rest, sql).not.toMatch(/SCAN|TEMP B-TREE/)
      // The key's first column alone would find a whole workspace, of which there are few addresses only.
      const whole = steps.filter(({ detail }) => detail.includes('(workspace_id=?)'))
      expect(
        whole.filter(({ detail }) => !detail.startsWith('SEARCH callback_address')),
        sql,
      ).toEqual([])
    }
  })
})
