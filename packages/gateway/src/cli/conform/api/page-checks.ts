/** Lists that have pages: every row once, however they are walked. */
import type { BothLanguages, Endpoint } from '@qunhub/wire'
import { says } from '../../show/report.ts'
import type { Seen } from '../run-checks.ts'
import { rowsOf, totalOf } from './answered-rows.ts'
import { type ApiCheck, whereThereIs } from './api-check.ts'
import type { ApiGround } from './api-facts.ts'
import { done, hold } from './expectation.ts'

export const ROWS_PER_PAGE_MAX = 100
/** Pages of one walk; more than this is another walk's. */
const PAGES_MAX = 4
const BEYOND = 100_000

/** Walks from the first page on: every row once, the same total on each, and nothing beyond the end. */
export const pages = (endpoint: Endpoint, first: 0 | 1): ApiCheck =>
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
