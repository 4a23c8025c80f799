import type { BotId } from '@qunhub/wire'
import { describe, expect, test } from 'vitest'
import { observed } from '../database/observed-database.ts'
import { saveContacts } from '../rooms/contacts.ts'
import { findContacts } from '../rooms/find-contacts.ts'
import { type ImportedIds, importContacts } from '../rooms/import-contacts.ts'
import { listContacts } from '../rooms/list-contacts.ts'
import { account, contact, type OpenStore, Scene, tenureOf, wxidOf } from './scene.contract.ts'

const UNION_ID = `o${'u'.repeat(27)}`
const EXTERNAL_USER_ID = `wm${'e'.repeat(30)}`

/** What is known of contacts from elsewhere than the puppet. */
export function importContactsContract(open: OpenStore): void {
  const opened = async () => {
    const scene = await Scene.open(open)
    const tenure = tenureOf(scene.workspaceId, scene.botId)
    await saveContacts(scene.db, tenure, [
      contact('lin', { handle: null }),
      contact('mo', { unionId: `o${'m'.repeat(27)}` }),
      contact('co', { coworker: true, handle: 'co-userid' }),
    ])
    const run = (lines: (Partial<ImportedIds> | null)[], dryRun = false) =>
      importContacts(
        scene.db,
        scene.workspaceId,
        lines.map(line => line && { wxid: null, externalUserId: null, unionId: null, ...line }),
        { dryRun },
      )
    const known = async (id: string) =>
      (await listContacts(scene.db, scene.workspaceId, { id, limit: 9 })).contacts.map(
        ({ contact: { wxid } }) => wxid,
      )
    return { scene, db: scene.db, workspaceId: scene.workspaceId, botId: scene.botId, tenure, run, known }
  }

  describe('imported ids', () => {
    test('BOT-140 a line that cannot be taken says why, and keeps no other one back', async () => {
      const { run, known } = await opened()
      const told = await run([
        null,
        { wxid: wxidOf('nobody'), unionId: UNION_ID },
        { wxid: wxidOf('lin'), unionId: `o${'m'.repeat(27)}` },
        { wxid: wxidOf('lin'), externalUserId: 'wmmo' },
        { wxid: wxidOf('co'), externalUserId: EXTERNAL_USER_ID },
        { wxid: wxidOf('lin'), unionId: UNION_ID, externalUserId: EXTERNAL_USER_ID },
        { externalUserId: EXTERNAL_USER_ID, unionId: UNION_ID },
      ])
      expect(told.map(({ outcome }) => outcome)).toEqual([
        'malformed',
        'unknown',
        'conflict',
        'conflict',
        'conflict',
        'updated',
        'unchanged',
      ])
      expect(told.at(-1)).toEqual({ outcome: 'unchanged', bots: 1 })
      expect(await known(UNION_ID)).toEqual([wxidOf('lin')])
      expect(await known(EXTERNAL_USER_ID)).toEqual([wxidOf('lin')])
    })

    test('BOT-140 one person whom bots of two corps know under other ids has one unionId at each of them', async () => {
      const { scene, run, db, workspaceId, botId } = await opened()
      const abroad = await scene.hostBot(account('nan'))
      await saveContacts(db, tenureOf(workspaceId, abroad), [contact('lin-abroad'), contact('lin-a-friend')])
      const lines = [
        { wxid: wxidOf('lin'), unionId: UNION_ID },
        { externalUserId: 'wmlin-abroad', unionId: UNION_ID },
      ]
      for (const outcome of ['updated', 'unchanged'])
        expect(await run(lines)).toEqual([
          { outcome, bots: 1 },
          { outcome, bots: 1 },
        ])
      const namedAt = (bot: BotId) => findContacts(db, workspaceId, bot, { unionIds: [UNION_ID] })
      expect(await namedAt(botId)).toMatchObject([{ wxid: wxidOf('lin') }])
      expect(await namedAt(abroad)).toMatchObject([{ wxid: wxidOf('lin-abroad') }])
      expect(await run([{ wxid: wxidOf('lin-a-friend'), unionId: UNION_ID }])).toEqual([
        { outcome: 'conflict', bots: 1 },
      ])
    })

    test('BOT-140 a contact that several bots know is taken at each of them, or in conflict at one and taken at none', async () => {
      const { scene, run, db, workspaceId, known } = await opened()
      const second = await scene.hostBot(account('nan'))
      await saveContacts(db, tenureOf(workspaceId, second), [
        contact('lin', { handle: null }),
        contact('mo-elsewhere', { unionId: UNION_ID }),
      ])
      const line = { wxid: wxidOf('lin'), unionId: UNION_ID }
      expect(await run([line])).toEqual([{ outcome: 'conflict', bots: 2 }])
      expect(await known(UNION_ID)).toEqual([wxidOf('mo-elsewhere')])
      const other = { ...line, unionId: `o${'n'.repeat(27)}`, externalUserId: EXTERNAL_USER_ID }
      expect(await run([other])).toEqual([{ outcome: 'updated', bots: 2 }])
      expect(await known(other.unionId)).toEqual([wxidOf('lin'), wxidOf('lin')])
      expect(await known(EXTERNAL_USER_ID)).toEqual([wxidOf('lin'), wxidOf('lin')])
    })

    test('BOT-141 a dry run says the same and changes nothing', async () => {
      const { run, known } = await opened()
      const line = { wxid: wxidOf('lin'), unionId: UNION_ID }
      expect(await run([line], true)).toEqual([{ outcome: 'updated', bots: 1 }])
      expect(await known(UNION_ID)).toEqual([])
    })

    test('BOT-145 a dry run writes nothing, nor does what is known already; both let others have their turn', async () => {
      const { run, db, workspaceId } = await opened()
      const line = { wxid: wxidOf('lin'), unionId: UNION_ID, externalUserId: null }
      const lines = Array.from({ length: 500 }, () => line)
      let writes = 0
      const reading = observed(db, { done: operation => (writes += operation === 'write' ? 1 : 0) })
      const dry = await importContacts(reading, workspaceId, lines, { dryRun: true })
      expect(dry.slice(0, 2)).toEqual([
        { outcome: 'updated', bots: 1 },
        { outcome: 'unchanged', bots: 1 },
      ])
      await run([line])
      let ticks = 0
      const countTicks = () => {
        ticks++
        next = setImmediate(countTicks)
      }
      let next = setImmediate(countTicks)
      const again = await importContacts(reading, workspaceId, lines, { dryRun: false })
      clearImmediate(next)
      expect(new Set(again.map(({ outcome }) => outcome))).toEqual(new Set(['unchanged']))
      expect({ writes, ticks }).toEqual({ writes: 0, ticks: expect.toSatisfy((n: number) => n >= 9) })
    })

    test('BOT-145 the more bots may know somebody, the fewer lines are written together', async () => {
      const { scene, db, tenure, workspaceId } = await opened()
      for (let n = 1; n < 50; n++) await scene.hostBot(account(`n${n}`))
      const names = Array.from({ length: 60 }, (_, n) => `c${n}`)
      await saveContacts(
        db,
        tenure,
        names.map(name => contact(name)),
      )
      const lines = names.map((name, n) => ({
        wxid: wxidOf(name),
        externalUserId: null,
        unionId: `o${String(n).padStart(27, '0')}`,
      }))
      let writes = 0
      const counted = observed(db, { done: operation => (writes += operation === 'write' ? 1 : 0) })
      const told = await importContacts(counted, workspaceId, lines, { dryRun: false })
      expect(new Set(told.map(({ outcome }) => outcome))).toEqual(new Set(['updated']))
      expect(writes).toBe(3)
    })

    test('BOT-142 what was imported names the contact from then on, and stays when the puppet says nothing of it', async () => {
      const { run, db, tenure, workspaceId, botId } = await opened()
      await run([{ wxid: wxidOf('lin'), unionId: UNION_ID, externalUserId: EXTERNAL_USER_ID }])
      await saveContacts(db, tenure, [contact('lin', { handle: null, unionId: null, name: '林' })])
      const found = await findContacts(db, workspaceId, botId, { unionIds: [UNION_ID] })
      expect(found).toMatchObject([{ name: '林', handle: EXTERNAL_USER_ID, unionId: UNION_ID }])
    })

    test('BOT-142 it gives way to what the puppet says', async () => {
      const { run, db, tenure, known } = await opened()
      await run([{ wxid: wxidOf('lin'), unionId: UNION_ID }])
      const told = `o${'t'.repeat(27)}`
      await saveContacts(db, tenure, [contact('lin', { unionId: told })])
      expect(await known(UNION_ID)).toEqual([])
      expect(await known(told)).toEqual([wxidOf('lin')])
    })

    test('BOT-143 contacts are listed by wxid, page by page', async () => {
      const { db, workspaceId } = await opened()
      const page = async (after?: string) =>
        (await listContacts(db, workspaceId, { after, limit: 2 })).contacts.map(
          ({ contact: { wxid } }) => wxid,
        )
      expect(await page()).toEqual([wxidOf('co'), wxidOf('lin')])
      expect(await page(wxidOf('lin'))).toEqual([wxidOf('mo')])
    })

    test('BOT-275 no page ends in the midst of a contact that several bots know: every row is on one page', async () => {
      const { scene, db, workspaceId, tenure } = await opened()
      const nan = await scene.hostBot(account('nan'))
      await saveContacts(db, { ...tenure, botId: nan }, [contact('co'), contact('lin'), contact('mo')])
      const all = await listContacts(db, workspaceId, { limit: 99 })
      for (const limit of [1, 2, 3, 4, 5]) {
        const rows = []
        for (let after: string | undefined, ended = false; !ended; ) {
          const page = await listContacts(db, workspaceId, { after, limit })
          rows.push(...page.contacts)
          after = page.next ?? undefined
          ended = page.next === null
        }
        expect(rows, `pages of ${limit}`).toEqual(all.contacts)
      }
      expect(all.contacts).toHaveLength(6)
      expect((await listContacts(db, workspaceId, { limit: 3 })).contacts).toHaveLength(2)
    })

    test('BOT-272 a line that says otherwise of a person than one before it is in conflict, however they name them and however far apart', async () => {
      const { run, known } = await opened()
      const other = `o${'x'.repeat(27)}`
      const between = Array.from({ length: 120 }, () => ({
        wxid: wxidOf('nobody'),
        unionId: `o${'n'.repeat(27)}`,
      }))
      const told = await run([
        { wxid: wxidOf('lin'), externalUserId: EXTERNAL_USER_ID, unionId: UNION_ID },
        ...between,
        { externalUserId: EXTERNAL_USER_ID, unionId: other },
        { externalUserId: EXTERNAL_USER_ID, unionId: UNION_ID },
      ])
      expect([told[0]!, ...told.slice(-2)].map(({ outcome }) => outcome)).toEqual([
        'updated',
        'conflict',
        'unchanged',
      ])
      expect(await known(UNION_ID)).toEqual([wxidOf('lin')])
      // What was known before the import gives way to it.
      expect((await run([{ wxid: wxidOf('lin'), unionId: other }]))[0]).toMatchObject({ outcome: 'updated' })
    })
  })
}
