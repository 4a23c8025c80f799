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
import { type Row, rowsOf, totalOf } from './answered-rows.ts'
import { type ApiCheck, asks, whereThereIs } from './api-check.ts'
import type { ApiGround } from './api-facts.ts'
import { done, hold, malformed, wordsOf } from './expectation.ts'
import { pages, ROWS_PER_PAGE_MAX } from './page-checks.ts'

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
