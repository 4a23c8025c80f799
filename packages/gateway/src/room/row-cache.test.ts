import type { ChatId, WorkspaceId } from '@qunhub/wire'
import { expect, test } from 'vitest'
import type { Queryable, Statement } from '../store/database/database.ts'
import { hotStatements } from '../store/database/hot-statements.ts'
import { createRowCache } from './row-cache.ts'

const workspaceId = 'f'.repeat(24) as WorkspaceId
const chats = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ chatId: String(n) as ChatId, revision: '1' }))

/** A store that answers when it is told to, and knows chats without members. */
function slowStore() {
  const asked: string[][] = []
  const answers: (() => void)[] = []
  const db = {
    hot: hotStatements.sqlite,
    all: ({ sql, parameters }: Statement) => {
      if (!sql.startsWith('select chat.*')) return Promise.resolve([])
      const ids = JSON.parse(parameters[1] as string) as string[]
      asked.push(ids)
      return new Promise(resolve => answers.push(() => resolve(ids.map(rowOf))))
    },
  } as unknown as Queryable
  const answer = () => {
    for (const each of answers.splice(0)) each()
  }
  return { db, asked, answer }
}

const rowOf = (chat_id: string) => ({ chat_id, workspace_id: workspaceId, wxid: 'w', topic: chat_id })

const noFile = { find: () => undefined, keep() {} }
const always = { giveWay: async () => {} }
const settled = () => new Promise(resolve => setImmediate(resolve))

test('LT-7 a room that several lists want at once is read once', async () => {
  const { db, asked, answer } = slowStore()
  const cache = createRowCache({ db, file: noFile, bytesMax: 1_000_000, chatsPerRead: 4 })
  const lists = Array.from({ length: 10 }, () => cache.rows(workspaceId, chats(6), always))
  for (let n = 0; n < 3; n++) {
    await settled()
    answer()
  }
  const rows = await Promise.all(lists)
  expect(asked).toEqual([
    ['0', '1', '2', '3'],
    ['4', '5'],
  ])
  expect(new Set(rows.map(each => Buffer.concat(each.map(({ bytes }) => bytes)).toString())).size).toBe(1)
  expect(rows[0]).toHaveLength(6)
})

test('LT-7 a read that fails is heard by all who wait for it, and the next list reads anew', async () => {
  const { db, asked, answer } = slowStore()
  let isBroken = true
  const breaking = {
    ...db,
    all: async (statement: Statement) => {
      await settled()
      if (isBroken) throw new Error('the disk cannot be read')
      return db.all(statement)
    },
  } as Queryable
  const cache = createRowCache({ db: breaking, file: noFile, bytesMax: 1_000_000, chatsPerRead: 4 })
  const lists = [cache.rows(workspaceId, chats(2), always), cache.rows(workspaceId, chats(2), always)]
  for (const each of await Promise.allSettled(lists)) expect(each.status).toBe('rejected')
  isBroken = false
  const again = cache.rows(workspaceId, chats(2), always)
  await settled()
  await settled()
  answer()
  expect(await again).toHaveLength(2)
  expect(asked).toEqual([['0', '1']])
})
