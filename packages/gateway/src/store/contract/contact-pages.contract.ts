import type { BotId } from '@qunhub/wire'
import { describe, expect, test } from 'vitest'
import type { Contact } from '../../model/contact.ts'
import { addBot, saveBotAccount } from '../bots/bots.ts'
import { removeBot } from '../bots/remove-bot.ts'
import { listedContactsOf, pageOfContacts } from '../rooms/contact-pages.ts'
import { saveContacts } from '../rooms/contacts.ts'
import { ORDINALS_PER_BLOCK } from '../rooms/list-blocks.ts'
import { pageOfChats } from '../rooms/rooms.ts'
import {
  account,
  contact,
  keyring,
  NOON,
  type OpenStore,
  room,
  Scene,
  seededRandom,
  tenureOf,
  wxidOf,
} from './scene.contract.ts'

const ROUNDS = 60
const NOBODY_WAITS = { async giveWay() {} }

/** The list of contacts and its length: friends and coworkers of every bot, as pages, after any changes. */
export function contactPagesContract(open: OpenStore): void {
  describe('pages of contacts', () => {
    test('NB-4 whoever was met in a room alone is on no page until he is a friend, and on none when he is none any more', async () => {
      const scene = await Scene.open(open)
      await scene.save(room('a', [contact('lin', { isFriend: false })]))
      expect(await names(scene)).toEqual([])
      await scene.meet(contact('wang'), contact('lin'))
      expect(await names(scene)).toEqual(['wang', 'lin'])
      await scene.save(room('a', [contact('wang', { isFriend: false })]))
      expect(await names(scene)).toEqual(['lin'])
      await scene.meet(contact('wang', { isFriend: false, coworker: true }))
      expect(await names(scene)).toEqual(['lin', 'wang'])
    })

    test('NB-4 the account itself is nobody whom it knows', async () => {
      const scene = await Scene.open(open)
      const self = contact('self', { wxid: account('bei').wxid, isFriend: false, coworker: true })
      await scene.save(room('a', [self, 'lin']))
      await scene.meet(self)
      expect(await names(scene)).toEqual(['lin'])
    })

    test('NB-4 a contact that changes otherwise keeps its place', async () => {
      const scene = await Scene.open(open)
      await scene.meet(contact('a'), contact('b'))
      await scene.meet(contact('a', { alias: '备注' }))
      expect(await names(scene)).toEqual(['a', 'b'])
    })

    test('NB-4 a bot that logs in as another account lists what that one knows; one that was taken away lists nothing', async () => {
      const scene = await Scene.open(open)
      await scene.meet(contact('a'), contact('b'))
      await saveBotAccount(scene.db, scene.tenure, account('xi'))
      expect(await names(scene)).toEqual([])
      await scene.meet(contact('b'))
      expect(await names(scene)).toEqual(['b'])
      const { workspaceId, botId } = scene
      await removeBot(scene.db, keyring, { workspaceId, botId }, NOON, () => null)
      expect(await pageOfContacts(scene.db, workspaceId, { offset: 0, limit: 10 }, NOBODY_WAITS)).toEqual({
        rows: [],
        total: 0,
      })
      expect(await listedContactsOf(scene.db, workspaceId, wxidOf('b'))).toEqual([])
    })

    test('NB-4 G-11 a page shows nothing of another workspace', async () => {
      const scene = await Scene.open(open)
      const other = await Scene.in(scene.db, seededRandom(9), account('nan'))
      await other.meet(contact('a'))
      expect(await names(scene)).toEqual([])
      expect(await listedContactsOf(scene.db, scene.workspaceId, wxidOf('a'))).toEqual([])
    })

    test('NB-4 LT-6 pages over several bots and blocks join without a gap, and the total is the number of rows', async () => {
      const scene = await Scene.open(open)
      const other = await scene.hostBot(account('nan'))
      const many = (from: number, count: number) =>
        Array.from({ length: count }, (_, n) => contact(`${from + n}`))
      await scene.meet(...many(0, ORDINALS_PER_BLOCK + 3))
      await saveContacts(scene.db, tenureOf(scene.workspaceId, other), many(500, 20))
      const total = ORDINALS_PER_BLOCK + 23
      const walked: string[] = []
      for (let offset = 0; offset < total; offset += 100) {
        const page = await pageOfContacts(scene.db, scene.workspaceId, { offset, limit: 100 }, NOBODY_WAITS)
        expect(page.total).toBe(total)
        walked.push(...page.rows.map(({ bot, contact: { wxid } }) => `${bot.wxid} ${wxid}`))
      }
      expect(walked).toHaveLength(total)
      expect(new Set(walked).size).toBe(total)
    })

    test.each([61, 62])(
      'NB-4 after any changes, at once and in turn, pages are what stands in the table (seed %i)',
      async seed => {
        const scene = await Scene.open(open)
        const bots = [scene.botId, await scene.hostBot(account('nan'))]
        const { fraction } = seededRandom(seed)
        const below = (bound: number) => Math.floor(fraction() * bound)
        const accounts = new Map(bots.map((id, n) => [id, account(n === 0 ? 'bei' : 'nan').wxid]))
        /** Whom each bot knows as friend or coworker, as it saw them last: its writes are done in the order in which they begin. */
        const known = new Map(bots.map(id => [id, new Set<string>()]))
        const someone = (botId: BotId): Contact => {
          const one = contact(`${below(12)}`, { isFriend: fraction() < 0.5, coworker: fraction() < 0.2 })
          if (one.isFriend || one.coworker) known.get(botId)!.add(one.wxid)
          else known.get(botId)!.delete(one.wxid)
          return one
        }
        const changeSomething = async () => {
          const botId = bots[below(bots.length)]!
          const tenure = tenureOf(scene.workspaceId, botId)
          if (fraction() < 0.05) {
            const next = account(`${bots.indexOf(botId)}${below(4)}`)
            if (accounts.get(botId) !== next.wxid) known.get(botId)!.clear()
            accounts.set(botId, next.wxid)
            await saveBotAccount(scene.db, tenure, next)
          } else if (fraction() < 0.5)
            await saveContacts(scene.db, tenure, [someone(botId), someone(botId), someone(botId)])
          else await scene.save(room(`${below(3)}`, [someone(botId)]), { botId })
        }
        for (let round = 0; round < ROUNDS; round++) {
          await Promise.all(Array.from({ length: 1 + below(3) }, changeSomething))
          const { rows, total } = await pageOfContacts(
            scene.db,
            scene.workspaceId,
            { offset: 0, limit: 100 },
            NOBODY_WAITS,
          )
          for (const botId of bots) {
            const listed = rows.filter(({ bot }) => bot.wxid === accounts.get(botId))
            expect(listed.map(({ contact: { wxid } }) => wxid).toSorted()).toEqual(
              [...known.get(botId)!].toSorted(),
            )
          }
          expect(total).toBe(rows.length)
          expect(await countedBlocks(scene)).toEqual(await standingBlocks(scene))
        }
      },
    )

    test('LT-2 NB-4 the name of a list of contacts is no tag', async () => {
      const scene = await Scene.open(open)
      await scene.meet(contact('a'))
      const page = { offset: 0, limit: 10 }
      expect(await pageOfChats(scene.db, scene.workspaceId, `contacts/${scene.botId}`, page)).toEqual({
        rows: [],
        total: 0,
      })
    })

    test('NB-4 a bot that has not logged in yet has no contacts to list', async () => {
      const scene = await Scene.open(open)
      const address = { endpoint: '127.0.0.1:2', token: 'puppet_token_2', tls: false }
      await addBot(scene.db, keyring, scene.random, scene.workspaceId, {
        address,
        expectedUserId: null,
        at: NOON,
      })
      await scene.meet(contact('a'))
      expect(await names(scene)).toEqual(['a'])
    })
  })
}

async function names({ db, workspaceId }: Scene): Promise<string[]> {
  const { rows, total } = await pageOfContacts(db, workspaceId, { offset: 0, limit: 100 }, NOBODY_WAITS)
  expect(total).toBe(rows.length)
  return rows.map(({ contact: { name } }) => name)
}

/** What is counted of contacts: bot, block, contacts. */
async function countedBlocks({ db, workspaceId }: Scene): Promise<[string, number, number][]> {
  const rows = await db.all(
    db.query
      .selectFrom('list_block')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('list', 'like', 'contacts/%')
      .where('chats', '!=', 0)
      .orderBy('list')
      .orderBy('block')
      .compile(),
  )
  return rows.map(({ list, block, chats }) => [list.slice('contacts/'.length), block, chats])
}

/** The same, counted anew from the contacts. */
async function standingBlocks({ db, workspaceId }: Scene): Promise<[string, number, number][]> {
  const rows = await db.all(
    db.query
      .selectFrom('contact')
      .select(['bot_id', 'ordinal'])
      .where('workspace_id', '=', workspaceId)
      .where('ordinal', 'is not', null)
      .orderBy('bot_id')
      .orderBy('ordinal')
      .compile(),
  )
  const blocks = Map.groupBy(rows, row => `${row.bot_id} ${Math.floor(row.ordinal! / ORDINALS_PER_BLOCK)}`)
  return [...blocks].map(([key, own]) => [key.split(' ')[0]!, Number(key.split(' ')[1]), own.length])
}
