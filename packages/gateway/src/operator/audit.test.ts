import { openOffice } from '@qunhub/testing/grounds/open-office.ts'
import { expect, test } from 'vitest'
import type { Database } from '../store/database/database.ts'
import { StoreAway } from '../store/database/store-error.ts'
import type { Log } from '../system/log.ts'
import { audited, MACHINE } from './audit.ts'

const what = {
  verb: 'issue-token',
  workspaceId: null,
  about: { label: 'crm' },
  ofValue: () => ({ id: 'a1' }),
}

test('CON-16 what is done is answered where its entry cannot be kept, and a failure stays what it was; the log has the entry', async () => {
  const office = await openOffice()
  try {
    const errors: object[] = []
    const log: Log = { debug() {}, info() {}, warn() {}, error: facts => void errors.push(facts) }
    const away = new StoreAway('the store is away')
    let writes = 0
    const db = {
      ...office.deps.db,
      write: async () => {
        writes++
        throw away
      },
    } as Database
    const deps = { ...office.deps, db, log }

    const reply = { ok: true as const, value: { token: 'shown once' } }
    expect(await audited(async () => reply, what, MACHINE, deps)).toBe(reply)
    const about = JSON.stringify({ label: 'crm', id: 'a1' })
    expect(errors).toEqual([{ err: away, entry: expect.objectContaining({ about, outcome: 'done' }) }])

    const failing = (failure: Error) =>
      audited(
        async () => {
          throw failure
        },
        what,
        MACHINE,
        deps,
      )
    const first = new Error('the first')
    await expect(failing(first)).rejects.toBe(first)
    expect(errors.at(-1)).toMatchObject({ err: away, entry: { outcome: 'failed' } })
    // Of a store that is known to be away nobody asks once more.
    expect(writes).toBe(2)
    const found = new StoreAway('away, too')
    await expect(failing(found)).rejects.toBe(found)
    expect(errors.at(-1)).toMatchObject({ err: found, entry: { outcome: 'failed' } })
    expect(writes).toBe(2)
  } finally {
    await office.close()
  }
})
