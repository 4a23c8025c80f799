import type { WorkspaceId } from '@qunhub/wire'
import { describe, expect, test } from 'vitest'
import { saveBotAccount } from '../bots/bots.ts'
import { removeBot } from '../bots/remove-bot.ts'
import type { Database } from '../database/database.ts'
import { chatsOfWxid, pageOfChats } from '../rooms/chat-lists.ts'
import { assignTag, renameTag, unassignTag } from '../rooms/tags.ts'
import { findCallers, issueToken, revokeToken } from '../workspaces/tokens.ts'
import { setSwitches } from '../workspaces/workspaces.ts'
import {
  account,
  contact,
  enqueueCallback,
  keyring,
  NOON,
  type OpenStore,
  owed,
  room,
  Scene,
  seededRandom,
  tenureOf,
  wxidOf,
} from './scene.contract.ts'

const STEPS = 100
const ROOMS = ['街', '巷', '桥', '塔']
const PEOPLE = ['lin', 'mo', 'zhu', 'an']
const TOKEN = 'a-token-of-the-workspace'

/** What whoever remembers a list trusts: as long as the edition is the same, so is every list. */
export function listEditionContract(open: OpenStore): void {
  describe('editions', () => {
    test.each([5, 6, 7])(
      'ST-124 whatever changes what a list shows makes another edition, of that workspace (seed %i)',
      async seed => {
        const scene = await sceneWithToken(open)
        const { db, workspaceId } = scene
        await scene.listen()
        const change = await randomChange(scene, seed)
        let before = await everyListOf(scene)
        for (let step = 0; step < STEPS; step++) {
          await change()
          const after = await everyListOf(scene)
          if (after.edition === before.edition) expect(after.lists).toEqual(before.lists)
          before = after
        }
        // Not because there is another one each time.
        await db.write(tx => enqueueCallback(tx, workspaceId, owed('{}'), NOON))
        expect(await everyListOf(scene)).toEqual(before)
      },
    )

    test('ST-124 a write that is undone, and one that finds nothing new, make no list look different', async () => {
      const scene = await sceneWithToken(open)
      await scene.save(room('街', PEOPLE))
      const before = await everyListOf(scene)
      const failing = scene.save(room('巷', PEOPLE), {
        owe: () => {
          throw new Error('not this one')
        },
      })
      await expect(failing).rejects.toThrow('not this one')
      await scene.save(room('街', PEOPLE))
      expect((await everyListOf(scene)).lists).toEqual(before.lists)
    })

    test('ST-124 while a node shares the store that does not count editions, none is told: its writes would not change it', async () => {
      const { db } = await sceneWithToken(open)
      const told = async () => (await findCallers(db, keyring, [TOKEN])).get(TOKEN)!.edition
      const older = { id: 'older', address: null, entered: 1, beat: 1 }
      await db.write(tx => tx.run(tx.query.insertInto('node').values(older).compile()))
      if (db.edition() === null) expect(await told()).toBeUndefined()
      await db.write(tx => tx.run(tx.query.deleteFrom('node').where('id', '=', older.id).compile()))
      expect(await told()).toBeDefined()
    })

    test('ST-125 a revoked token is found no more, and of several at once each is found for itself', async () => {
      const scene = await sceneWithToken(open)
      const { db, workspaceId } = scene
      const other = await Scene.in(db, scene.random, account('nan'))
      const { id, token } = await issueToken(db, keyring, scene.random, other.workspaceId, {
        label: '',
        at: NOON,
      })
      const found = await findCallers(db, keyring, [TOKEN, 'nobody', token])
      expect([...found].map(([each, { workspaceId: whose }]) => [each, whose])).toEqual([
        [TOKEN, workspaceId],
        [token, other.workspaceId],
      ])
      await revokeToken(db, other.workspaceId, id, NOON)
      const left = await findCallers(db, keyring, [TOKEN, token])
      expect([...left.keys()]).toEqual([TOKEN])
      // Where the edition is told from memory alone it must say that a token is gone.
      if (db.edition() !== null) expect(left.get(TOKEN)!.edition).not.toBe(found.get(TOKEN)!.edition)
    })
  })
}

async function sceneWithToken(open: OpenStore): Promise<Scene> {
  const scene = await Scene.open(open)
  await issueToken(scene.db, keyring, scene.random, scene.workspaceId, { label: '', at: NOON, token: TOKEN })
  return scene
}

/** The edition is read first: what changes behind it would only be seen too early. */
async function everyListOf({ db, workspaceId }: { db: Database; workspaceId: WorkspaceId }) {
  const { edition } = (await findCallers(db, keyring, [TOKEN])).get(TOKEN)!
  const tags = await db.all(
    db.query.selectFrom('tag').select('id').where('workspace_id', '=', workspaceId).orderBy('id').compile(),
  )
  const page = { offset: 0, limit: 100 }
  const lists = [
    await pageOfChats(db, workspaceId, null, page),
    ...(await Promise.all(tags.map(({ id }) => pageOfChats(db, workspaceId, id, page)))),
    ...(await Promise.all(PEOPLE.map(name => chatsOfWxid(db, workspaceId, wxidOf(name))))),
  ]
  return { edition, lists }
}

/** Every kind of write after which a list may show something else, one or several at a time. */
async function randomChange(scene: Scene, seed: number): Promise<() => Promise<unknown>> {
  const { fraction } = seededRandom(seed)
  const { db, workspaceId, random, tenure } = scene
  const some = <T>(of: readonly T[]): T => of[Math.floor(fraction() * of.length)]!
  const maybe = () => fraction() < 0.5
  const bots = [scene.botId, await scene.hostBot(account('nan'))]
  const vip = await scene.tag('VIP')
  const anyChat = async () => {
    const { rows } = await pageOfChats(db, workspaceId, null, { offset: 0, limit: 100 })
    return some(rows)?.chatId ?? ('0'.repeat(24) as never)
  }
  const person = () => contact(some(PEOPLE), { name: `名字 ${Math.floor(fraction() * 3)}` })
  const seen = () => {
    const people = new Map(
      [...PEOPLE.filter(maybe).map(name => contact(name)), person()].map(each => [each.wxid, each]),
    )
    return room(some(ROOMS), [...people.values()], { topic: `群 ${Math.floor(fraction() * 2)}` })
  }
  const changes: readonly (() => Promise<unknown>)[] = [
    () => scene.save(seen(), { botId: some(bots) }),
    () => scene.save(seen(), { botId: some(bots) }),
    () => scene.meet(person(), person()),
    () => scene.leave(some(ROOMS), some(bots)),
    async () => assignTag(db, workspaceId, vip, await anyChat()),
    async () => unassignTag(db, workspaceId, vip, await anyChat()),
    () => renameTag(db, workspaceId, vip, some(['VIP', 'SVIP'])),
    () => saveBotAccount(db, tenure, account(some(['bei', 'dong']), { nickName: some(['小北', '大北']) })),
    () => setSwitches(db, workspaceId, { showWecomChatId: maybe() }),
    async () => {
      if (fraction() < 0.8) return
      const botId = await scene.hostBot(account('xi'))
      await scene.save(seen(), { botId })
      await removeBot(db, keyring, tenureOf(workspaceId, botId), NOON, () => null)
      await issueToken(db, keyring, random, workspaceId, { label: '', at: NOON })
    },
  ]
  return () => Promise.all(Array.from({ length: maybe() ? 1 : 3 }, () => some(changes)()))
}
