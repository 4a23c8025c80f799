/** What the lists answer: whole rows, only what was asked for, and every row once however it is asked for. */
import {
  type BothLanguages,
  botList,
  contactList,
  type Endpoint,
  listByMember,
  listByMHTag,
  roomList,
  simpleList,
  tagList,
} from '@qunhub/wire'
import { says } from '../../show/report.ts'
import type { Seen } from '../run-checks.ts'
import { type ApiCheck, asks, whereThereIs } from './api-check.ts'
import type { ApiGround } from './api-facts.ts'
import { done, hold, malformed, wordsOf } from './expectation.ts'

/** Pages of one walk; more than this is another walk's. */
const PAGES_MAX = 4
const ROWS_PER_PAGE_MAX = 100
const BEYOND = 100_000

interface ListReply {
  readonly data: readonly Row[]
  readonly page?: { readonly current: number; readonly total: number }
}
interface Row {
  readonly chatId: string
  readonly wxid: string
  readonly memberCount?: number
  readonly members?: readonly { readonly wxid: string }[]
  readonly labels?: readonly { readonly id: string }[]
}

const rowsOf = (json: unknown): readonly Row[] => (json as ListReply).data
const totalOf = (json: unknown): number => (json as ListReply).page?.total ?? -1
const noRooms = says(
  '工作区里没有群, 换一个有群的 token, 或用 --tag 指明标签',
  'the workspace has no rooms: take the token of one that has, or name a tag by --tag',
)

/** First of all: is anybody there, and is the token good? What it answers is what later questions are about. */
export const firstAnswer: ApiCheck = {
  check: 'listByMHTag',
  what: says('listByMHTag: 群的每个字段', 'listByMHTag: every field of a room'),
  async look(ground) {
    const answer = await ground.asking(listByMHTag, { current: 1, pageSize: ROWS_PER_PAGE_MAX })
    const isEnd = answer.kind === 'failed' || wordsOf(answer.json).code !== 0
    const seen = hold(answer, done(listByMHTag, says('code 0 与整行', 'code 0 and whole rows'), rowComplaint))
    if (answer.kind === 'answered' && !isEnd) {
      const read = listByMHTag.reply.safeParse(answer.json)
      ground.rows.push(...(read.data?.data ?? []))
      ground.total = read.data?.page?.total ?? 0
    }
    return { ...seen, isEnd }
  },
}

/** Beyond their types (RW-3): members are counted, and no row comes twice. */
function rowComplaint(json: unknown): BothLanguages | null {
  const rows = rowsOf(json)
  const miscounted = rows.find(({ members, memberCount }) => members && members.length !== memberCount)
  if (miscounted) return says('memberCount 与 members 不符', 'memberCount and members differ')
  return new Set(rows.map(({ chatId }) => chatId)).size === rows.length
    ? null
    : says('同一行出现两次', 'a row comes twice')
}

const wholeList = (endpoint: Endpoint, keep: (ground: ApiGround, rows: readonly never[]) => void): ApiCheck =>
  whereThereIs(endpoint, {
    check: endpoint.name,
    what: says(`${endpoint.name}: 每个字段`, `${endpoint.name}: every field`),
    async look(ground) {
      const answer = await ground.asking(endpoint)
      const seen = hold(answer, done(endpoint))
      if (answer.kind === 'answered' && seen.verdict === 'passed')
        keep(ground, rowsOf(answer.json) as readonly never[])
      return seen
    },
  })

/** Walks from the first page on: every row once, the same total on each, and nothing beyond the end. */
const pages = (endpoint: Endpoint, first: 0 | 1): ApiCheck =>
  whereThereIs(endpoint, {
    check: `${endpoint.name}-pages`,
    what: says(
      `${endpoint.name}: 翻页 (从 ${first} 开始), 超出末尾`,
      `${endpoint.name}: pages (from ${first}), and beyond the end`,
    ),
    look: ground => walk(ground, endpoint, first),
  })

async function walk(ground: ApiGround, endpoint: Endpoint, first: 0 | 1): Promise<Seen> {
  const total = totalOf(jsonOf(await ground.asking(endpoint, { current: first, pageSize: 1 })))
  const pageSize = Math.min(Math.max(Math.ceil(total / (PAGES_MAX - 1)), 1), ROWS_PER_PAGE_MAX)
  const seen = new Set<string>()
  const rowsThere = Math.max(0, total)
  for (let n = 0; n < PAGES_MAX; n++) {
    const expected = Math.min(Math.max(rowsThere - n * pageSize, 0), pageSize)
    const held = hold(
      await ground.asking(endpoint, { current: first + n, pageSize }),
      done(endpoint, pageWords(expected, rowsThere), json =>
        pageComplaint(json, { expected, total: rowsThere, current: first + n, seen }),
      ),
    )
    if (held.verdict !== 'passed') return held
  }
  const beyond = await ground.asking(endpoint, { current: BEYOND, pageSize })
  return hold(
    beyond,
    done(endpoint, pageWords(0, rowsThere), json =>
      rowsOf(json).length === 0 && totalOf(json) === rowsThere
        ? null
        : says('末尾之后不是空的, 或 total 变了', 'beyond the end it is not empty, or its total is another'),
    ),
    'ours',
  )
}

const pageWords = (rows: number, total: number): BothLanguages =>
  says(`${rows} 行没见过的, total ${total}`, `${rows} rows that were not seen before, total ${total}`)

function pageComplaint(
  json: unknown,
  page: { expected: number; total: number; current: number; seen: Set<string> },
): BothLanguages | null {
  const rows = rowsOf(json)
  if (totalOf(json) !== page.total)
    return says('page.total 不是总行数', 'page.total is not the number of rows')
  if (rows.length !== page.expected) return says('这一页的行数不对', 'the page has another number of rows')
  for (const { chatId } of rows) {
    if (page.seen.has(chatId)) return says('同一行在两页上', 'a row is on two pages')
    page.seen.add(chatId)
  }
  return null
}

const jsonOf = (answer: Awaited<ReturnType<ApiGround['asking']>>): unknown =>
  answer.kind === 'answered' ? (answer.json ?? {}) : {}

const numbers: ApiCheck = asks(
  'listByMHTag-numbers',
  says('listByMHTag: 空的、过大的、为 0 的页码与条数', 'listByMHTag: numbers that are empty, too large or 0'),
  ground => {
    const rows = Math.min(ground.total, 20)
    const firstPage = (fields: object, max = rows) => ({
      answer: () => ground.asking(listByMHTag, { ...fields }),
      expect: done(
        listByMHTag,
        says(`第一页, 最多 ${max} 行`, `the first page, ${max} rows at most`),
        json =>
          rowsOf(json).length <= max && rowsOf(json)[0]?.chatId === ground.rows[0]?.chatId
            ? null
            : says('不是第一页', 'it is not the first page'),
      ),
      strictness: 'ours' as const,
    })
    return [
      firstPage({ current: '', pageSize: '' }),
      { ...firstPage({ current: 0 }), strictness: 'page' },
      firstPage({ pageSize: 1000 }, ROWS_PER_PAGE_MAX),
    ]
  },
)

const badNumbers: ApiCheck = asks(
  'listByMHTag-bad-numbers',
  says('listByMHTag: 不是数的页码与条数', 'listByMHTag: what is no page and no size'),
  ground =>
    [
      ['current', 'one'],
      ['current', '-1'],
      ['pageSize', '0'],
      ['pageSize', 'many'],
    ].map(([field, value]) => ({
      answer: () => ground.asking(listByMHTag, { [field!]: value }),
      expect: malformed(listByMHTag, field!),
      strictness: 'ours',
    })),
)

const unknownIds: ApiCheck = asks(
  'unknown-ids',
  says('不存在的标签、联系人: 空列表', 'a tag and a contact that there are not: empty lists'),
  ground => [
    {
      answer: () => ground.asking(listByMHTag, { mhTagId: '000000000000000000000000' }),
      expect: done(listByMHTag, says('data 为空, total 0', 'data empty, total 0'), json =>
        rowsOf(json).length === 0 && totalOf(json) === 0 ? null : says('有行', 'there are rows'),
      ),
    },
    {
      answer: () => ground.asking(listByMember, { contactWxid: '7880000000000001' }),
      expect: done(listByMember, says('data 为空', 'data empty'), json =>
        rowsOf(json).length === 0 ? null : says('有行', 'there are rows'),
      ),
    },
  ],
)

const byMember: ApiCheck = asks(
  'listByMember',
  says(
    'listByMember: 只有他在的群, 长数字一位不差',
    'listByMember: the rooms that he is in, to the last digit',
  ),
  ground => {
    const contactWxid = ground.rows
      .flatMap(({ members }) => members)
      .find(({ wxid }) => /\d{16}/.test(wxid))?.wxid
    if (contactWxid === undefined) return noRooms
    // Read as a number, this one would be rounded to his.
    const rounded = `${contactWxid}0000`
    const isIn = ({ members = [] }: Row) => members.some(({ wxid }) => wxid === contactWxid)
    return [
      {
        answer: () => ground.asking(listByMember, { contactWxid }),
        expect: done(listByMember, says(`有 ${contactWxid} 的群`, `rooms with ${contactWxid}`), json =>
          rowsOf(json).length === 0 || !rowsOf(json).every(isIn)
            ? says('没有群, 或有他不在的群', 'there is no room, or one that he is not in')
            : rowComplaint(json),
        ),
      },
      {
        answer: () => ground.asking(listByMember, { contactWxid: rounded }),
        expect: done(listByMember, says('data 为空', 'data empty'), json =>
          rowsOf(json).length === 0 ? null : says('长数字被舍入了', 'a long number was rounded'),
        ),
      },
    ]
  },
)

const withoutContact: ApiCheck = asks(
  'listByMember-missing',
  says('listByMember: 没有 contactWxid', 'listByMember: without contactWxid'),
  ground => [
    {
      answer: () => ground.asking(listByMember),
      expect: malformed(listByMember, 'contactWxid'),
      strictness: 'ours',
    },
  ],
)

const oneRoom = (endpoint: Endpoint): ApiCheck =>
  whereThereIs(
    endpoint,
    asks(
      `${endpoint.name}-wxid`,
      says(`${endpoint.name}: 只要一个群`, `${endpoint.name}: one room only`),
      ground => {
        const wxid = ground.rows[0]?.wxid
        if (wxid === undefined) return noRooms
        return [
          {
            answer: () => ground.asking(endpoint, { wxid }),
            expect: done(endpoint, says(`只有 ${wxid}`, `${wxid} alone`), json =>
              rowsOf(json).length > 0 && rowsOf(json).every(row => row.wxid === wxid)
                ? null
                : says('没有它, 或有别的群', 'it is not there, or others are'),
            ),
          },
        ]
      },
    ),
  )

export const listChecks: readonly ApiCheck[] = [
  pages(listByMHTag, 1),
  ...[numbers, badNumbers, unknownIds, byMember, withoutContact],
  ...[roomList, simpleList].flatMap(endpoint => [
    wholeList(endpoint, () => {}),
    pages(endpoint, 0),
    oneRoom(endpoint),
  ]),
  wholeList(botList, ({ bots }, rows) => void bots.push(...rows)),
  wholeList(contactList, ({ contacts }, rows) => void contacts.push(...rows)),
  pages(contactList, 0),
  wholeList(tagList, () => {}),
]
