import { callbacks } from '@qunhub/wire'
import { sampleBody } from '@qunhub/wire/sample-bodies'
import { expect, test } from 'vitest'
import { consoleRoot } from '../src/api/console-root.ts'
import { KINDS } from '../src/callbacks/filters.ts'
import { rowAfter } from '../src/frame/row-after.ts'
import { meantEverywhere, readSearch, writeSearch } from '../src/frame/search-text.ts'
import { whereTo } from '../src/frame/where-to.ts'
import { setupCodeOf } from '../src/sign-in/setup-code-of.ts'

test('UI-2 filters stand in the address as they are, and what nobody chose is left out', () => {
  const search = { state: 'parked', room: 'R:1', open: '42', kind: undefined, until: '' }
  expect(writeSearch(search)).toBe('?state=parked&room=R%3A1&open=42')
  expect(readSearch('?state=parked&room=R%3A1&open=42')).toEqual({ state: 'parked', room: 'R:1', open: '42' })
  expect(writeSearch({})).toBe('')
  const odd = { topic: '大街 & 小巷=“”+%' }
  expect(readSearch(writeSearch(odd))).toEqual(odd)
})

test('UI-2 another workspace keeps what means the same there, and no id', () => {
  expect(meantEverywhere({ state: 'parked', room: 'R:1', open: '42', bot: 'xiaobei', tab: 'body' })).toEqual({
    state: 'parked',
    tab: 'body',
  })
})

test('UI-5 a setup code comes behind the #, where no browser sends it anywhere', () => {
  expect(setupCodeOf('#code=AB-CD')).toBe('AB-CD')
  for (const none of ['', '#', '#top', '#co=1']) expect(setupCodeOf(none)).toBe('')
})

test('UI-6 where the console stands is read off its own files, behind a prefix too', () => {
  expect(consoleRoot('https://a.example/console/assets/kit-1.js')).toBe('/console/')
  expect(consoleRoot('https://a.example/assets/qunhub/console/assets/kit-1.js')).toBe(
    '/assets/qunhub/console/',
  )
  expect(consoleRoot('http://localhost:5173/src/routes.tsx')).toBe('/')
})

test('UI-7 j and k stop at the ends', () => {
  expect([rowAfter(-1, 1, 3), rowAfter(2, 1, 3), rowAfter(0, -1, 3), rowAfter(1, 1, 3)]).toEqual([0, 2, 0, 2])
})

test('UI-2 what is typed into the search box leads to what it names', () => {
  expect(whereTo(' msg_YELuWBIAZGgSvsHAea1GySJB ')).toEqual({
    page: 'callbacks',
    search: { open: 'msg_YELuWBIAZGgSvsHAea1GySJB' },
  })
  expect(whereTo('R:10865283719405526')).toEqual({
    page: 'callbacks',
    search: { room: 'R:10865283719405526' },
  })
  expect(whereTo('答疑')).toEqual({ page: 'rooms', search: { topic: '答疑' } })
  expect(whereTo('  ')).toBeUndefined()
})

test('UI-95 an example that is made up is one by the contract, of the topic and the moment that were said', () => {
  const at = Date.UTC(2026, 10, 30, 11)
  for (const kind of KINDS) {
    const body = sampleBody(kind, { topic: '答谢群', at }) as Record<string, unknown>
    const { body: contract } = callbacks.find(callback => callback.kind === kind)!
    expect(contract.parse(body), kind).toEqual(body)
    expect(body, kind).toMatchObject({ topic: '答谢群' })
    expect(Number(body['syncedTime'] ?? body['timestamp']), kind).toBe(at)
  }
})
