import { curl, endpoints } from '@qunhub/wire'
import { expect, test } from 'vitest'
import {
  endpointOf,
  errorPageOf,
  generalMeaning,
  isDone,
  meaningsOf,
  wordOf,
} from '../src/requests/explain.ts'
import { NO_FILTER, readFilter } from '../src/requests/filters.ts'

test('UI-40 which requests are shown stands in the address, and what it says besides is no filter', () => {
  expect(readFilter({})).toEqual({})
  expect(readFilter({ code: '-5', endpoint: '/room/exit', outcome: 'refused', before: 'x' })).toEqual({
    ...{ code: -5, endpoint: '/room/exit', refused: true },
  })
  expect(readFilter({ token: 'a1', request: 'r1', code: 'minus five', outcome: 'all' })).toEqual({
    ...{ tokenId: 'a1', requestId: 'r1' },
  })
  const whole = { endpoint: '/a', code: '-1', outcome: 'refused', token: 't', request: 'r' }
  expect(Object.keys(readFilter(whole))).toHaveLength(5)
  expect(readFilter({ ...whole, ...NO_FILTER } as never)).toEqual({})
})

test('UI-40 a code is told in its word, by the endpoint that answered it, and leads to its page', () => {
  expect(wordOf('/room/addMember', -5)).toBe('bot-offline')
  expect(meaningsOf('/room/addMember', -5)[0]!.help.next.chinese).toContain('重试')
  expect(errorPageOf('/room/addMember', -5)).toBe('docs/errors/addMember/-5')
  for (const [path, code] of [
    ['/room/addMember', 0],
    ['/room/addMember', -99],
    ['/room/addMember', null],
    ['/room/unheardOf', -5],
  ] as const)
    expect([wordOf(path, code), errorPageOf(path, code)]).toEqual([undefined, undefined])
})

test('UI-40 what any endpoint may answer is told as well, and a list without a code is no failure', () => {
  const meant = [200, 400, 429, 500, 502, 503].map(status => generalMeaning(status)?.word)
  expect(meant).toEqual([
    ...[undefined, 'malformed', 'too-many-requests'],
    ...['gateway-failed', 'gateway-failed', 'unavailable'],
  ])
  expect(errorPageOf('/room/exit', 400, 400)).toBe('docs/errors/exit/400')
  expect(errorPageOf('/room/list', null, 429)).toBe('docs/errors/roomList/429')
  expect(
    [200, 200, 200, 503].map((status, at) => isDone({ status, code: [0, null, -5, null][at]! })),
  ).toEqual([true, true, false, false])
})

test('UI-41 the call to paste is the endpoint’s own example, without anybody’s token', () => {
  for (const { path } of endpoints) {
    const sample = curl(endpointOf(path)!, 'https://qunhub.example')
    expect(sample).toContain(`https://qunhub.example${path}`)
    expect(sample).toContain('your-token')
  }
})
