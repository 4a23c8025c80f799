import { openOffice } from '@qunhub/testing/grounds/open-office.ts'
import { expect, test } from 'vitest'
import { type AuditEntry, keepAuditEntry, listAuditEntries } from '../store/people/audit.ts'
import { forgetTooMany } from './audit-retention.ts'

test('CON-16 what a management token has written down makes nothing go of others, nor of another workspace', async () => {
  const office = await openOffice()
  try {
    const { db, random } = office.deps
    let at = 0
    const keep = async (realm: AuditEntry['realm'], workspaceId: string | null, times: number) => {
      for (let n = 0; n < times; n++)
        await keepAuditEntry(db, random, {
          ...{ realm, workspaceId, at: ++at, whoId: null, who: '', verb: 'add-tag', about: '{}' },
          outcome: 'done',
        })
    }
    await keep('machine', null, 2)
    await keep('console', 'a', 2)
    await keep('management', 'b', 1)
    await keep('management', 'a', 9)

    expect(await forgetTooMany(db, { keptMax: 4, ofTokensMax: 3 })).toBe(6)
    const left = (await listAuditEntries(db, { before: undefined, limit: 99 })).map(entry => entry.at)
    expect(left).toEqual([14, 13, 12, 5, 4, 3, 2, 1])

    await keep('console', null, 1)
    expect(await forgetTooMany(db, { keptMax: 4, ofTokensMax: 3 })).toBe(1)
    const then = (await listAuditEntries(db, { before: undefined, limit: 99 })).map(entry => entry.at)
    expect(then).toEqual([15, 14, 13, 12, 5, 4, 3, 2])
  } finally {
    await office.close()
  }
})
