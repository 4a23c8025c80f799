import type { CallbackRecord } from '@qunhub/wire'
import { expect, test } from 'vitest'
import { callbackCurl, shellWord, urlOf } from '../src/callbacks/curl.ts'
import { readFilter, readOpen, replayFilter, writeInstant } from '../src/callbacks/filters.ts'
import { LOOKED_ON_MAX, lookingOn } from '../src/callbacks/looking-on.ts'
import { mergeHead } from '../src/callbacks/merge-head.ts'
import { differences, parseBody, topicOf, WrittenNumber, written } from '../src/callbacks/parse-body.ts'
import { adviceFor, sentenceOf, whyNoAnswer } from '../src/callbacks/sentence.ts'
import { en, zh } from '../src/words/words.ts'

const now = Date.UTC(2026, 10, 29, 10, 44)
const callback = (facts: Partial<CallbackRecord>): CallbackRecord => ({
  ...{
    id: 1,
    webhookId: `msg_${'a'.repeat(24)}`,
    kind: 'room/topic',
    room: 'R:1',
    state: 'due',
    attempts: 0,
  },
  ...{ owedAt: now, dueAt: now, settledAt: null, lastStatus: null, lastError: null },
  ...facts,
})

test('UI-10 an address is read as far as it is understood: no old link leads to an error', () => {
  expect(readFilter({ state: 'parked', kind: 'room/left', room: 'R:1', from: '2026-11-29T10:44Z' })).toEqual({
    ...{ state: 'parked', kind: 'room/left', room: 'R:1', from: now },
  })
  expect(readFilter({ state: 'lost', kind: 'room/burnt', room: '', from: 'yesterday', until: '-5' })).toEqual(
    {},
  )
  const webhook = `msg_${'a'.repeat(24)}`
  expect(readFilter({ bot: 'b1', status: '5xx', webhook })).toEqual({
    ...{ bot: 'b1', status: '5xx', webhookId: webhook },
  })
  expect(readFilter({ bot: '', status: '6xx', webhook: 'msg_short' })).toEqual({})
  expect([writeInstant(now), writeInstant(now + 31_000), writeInstant(undefined)]).toEqual([
    '2026-11-29T10:44Z',
    '2026-11-29T10:44:31Z',
    undefined,
  ])
  expect([readOpen('42'), readOpen('msg_x'), readOpen(undefined)]).toEqual([42, 'msg_x', undefined])
})

test('UI-11 a replay of what is shown sends the very filter that is shown', () => {
  const filter = readFilter({ state: 'parked', room: 'R:1', until: '2026-11-29T10:44Z' })
  expect(replayFilter(filter)).toEqual({ state: 'parked', room: 'R:1', until: now })
  expect(replayFilter({ kind: 'room/left' })).toEqual({ kind: 'room/left' })
  expect(replayFilter({ bot: 'b1', status: '5xx' })).toEqual({ bot: 'b1', status: '5xx' })
  // A single one is replayed from its own panel.
  expect(replayFilter({ webhookId: 'msg_x' })).toBeUndefined()
  // What waits is sent anyway, and everything there is, is nobody's filter.
  expect(replayFilter({ state: 'due', room: 'R:1' })).toBeUndefined()
  expect(replayFilter({})).toBeUndefined()
})

test('UI-91 while nothing is found a list looks on by itself, some seconds, and says how far it came', () => {
  const none = (next: number | null) => ({ callbacks: [], next })
  expect(lookingOn([], false)).toEqual({ lookedTo: undefined, byItself: false })
  expect(lookingOn([none(900), none(800)], false)).toEqual({ lookedTo: 800, byItself: true })
  expect(lookingOn([none(900), none(null)], false)).toEqual({ lookedTo: undefined, byItself: false })
  expect(lookingOn([none(900)], true)).toEqual({ lookedTo: 900, byItself: false })
  expect(lookingOn([{ callbacks: [{}], next: 900 }], false)).toEqual({ lookedTo: undefined, byItself: false })
  const many = Array.from({ length: LOOKED_ON_MAX }, () => none(7))
  expect(lookingOn(many, false)).toEqual({ lookedTo: 7, byItself: false })
  expect(lookingOn([...many, none(6)], false)).toEqual({ lookedTo: 6, byItself: true })
})

test('UI-12 nothing comes in above the reader: new ones are counted, the shown ones are told as they are now', () => {
  const shown = [callback({ id: 9 }), callback({ id: 7 }), callback({ id: 3 })]
  const head = [callback({ id: 12 }), callback({ id: 11 }), callback({ id: 9, state: 'delivered' })]
  const { rows, news, atLeast } = mergeHead(shown, head, [callback({ id: 3, state: 'parked' })])
  expect(rows.map(({ id, state }) => [id, state])).toEqual([
    [9, 'delivered'],
    [7, 'due'],
    [3, 'parked'],
  ])
  expect({ news, atLeast }).toEqual({ news: 2, atLeast: false })
  expect(mergeHead(shown, [callback({ id: 12 })])).toMatchObject({ news: 1, atLeast: true })
  expect(mergeHead([], [callback({ id: 1 })])).toMatchObject({ rows: [], news: 1 })
  expect(mergeHead(shown, [])).toMatchObject({ rows: shown, news: 0, atLeast: false })
})

test('UI-13 one sentence says what a callback came to, and what comes next', () => {
  const say = (facts: Partial<CallbackRecord>, words = zh) =>
    sentenceOf(callback(facts), now, words.callbacks)
  expect(say({})).toBe('等待第一次投递')
  expect(say({ attempts: 3, lastStatus: 503, dueAt: now + 4200 })).toBe('第 3 次 503，4.2 秒后再试')
  expect(say({ attempts: 3, lastError: 'timeout', dueAt: now - 10 })).toBe('第 3 次 timeout，马上再试')
  expect(say({ attempts: 1, state: 'delivered' })).toBe('第 1 次就送达')
  // A replay counts anew, and the tries of before are still shown below.
  const replayed = { ...callback({ attempts: 1, state: 'delivered' }), history: [{}, {}] }
  expect(sentenceOf(replayed, now, zh.callbacks)).toBe('重放后，第 1 次送达')
  expect(say({ attempts: 1, state: 'parked', lastStatus: 413 }, en)).toBe('Parked after 1 try: 413')
  expect(sentenceOf(callback({ attempts: 2, dueAt: now }), now, zh.callbacks, now + 90_000)).toBe(
    '回调地址暂停投递，约 2 分钟后试探',
  )
  const advise = (facts: Partial<CallbackRecord>) => adviceFor(callback(facts), zh.callbacks, 'zh')
  expect(advise({ attempts: 1, state: 'parked', lastStatus: 413 })).toContain('重放')
  expect(advise({ attempts: 6, state: 'parked', lastStatus: 503 })).toContain('重放')
  expect(advise({ attempts: 1, lastStatus: 503 })).not.toContain('重放')
  expect(advise({ attempts: 1, lastError: 'timeout' })).toContain('5 秒')
  expect(advise({ attempts: 1, lastStatus: 418 })).toContain('拒绝')
  expect(advise({ attempts: 1, lastError: 'constructor' })).toContain('HTTP')
  expect(advise({ attempts: 1, state: 'delivered' })).toBeUndefined()
  const attempt = { n: 1, startedAt: now, ms: 3, outcome: 'failed', status: null, snippet: null }
  const tls = { ...attempt, errorClass: 'tls', reason: 'the certificate has expired (CERT_HAS_EXPIRED)' }
  expect(whyNoAnswer(tls, 'zh')).toBe('tls: 证书已过期')
})

test('UI-14 numbers of a body are shown as they are written, whatever JavaScript makes of them', () => {
  const body = '{"a":12345678901234567890,"b":1.0,"topic":"一群","c":[1e400]}'
  const parsed = parseBody(body) as { a: WrittenNumber; b: WrittenNumber; c: unknown[] }
  expect([written(parsed.a), written(parsed.b), written(parsed.c[0])]).toEqual([
    '12345678901234567890',
    '1.0',
    '1e400',
  ])
  expect(parsed.a).toBeInstanceOf(WrittenNumber)
  expect(topicOf(body)).toBe('一群')
  expect([parseBody('{'), topicOf('[]'), topicOf('{"topic":7}')]).toEqual([undefined, undefined, undefined])
})

test('UI-14 two bodies are told apart by the path to each place that differs', () => {
  const before = parseBody('{"topic":"一","members":[{"wxid":"a"},{"wxid":"b"}],"n":10000000000000001}')
  const after = parseBody('{"topic":"二","members":[{"wxid":"a"}],"n":10000000000000002}')
  expect(differences(before, after)).toEqual([
    { path: 'topic', before: '"一"', after: '"二"' },
    { path: 'members.1', before: '{"wxid":"b"}', after: '—' },
    { path: 'n', before: '10000000000000001', after: '10000000000000002' },
  ])
  expect(differences(before, before)).toEqual([])
})

test('UI-15 the line to paste says the same request, whatever is in it', () => {
  expect(shellWord(`it's $HOME`)).toBe(`'it'\\''s $HOME'`)
  expect(urlOf('https://crm.example/hook/?key=1', 'room/left')).toBe(
    'https://crm.example/hook/room/left?key=1',
  )
  const line = callbackCurl({
    base: 'https://crm.example',
    kind: 'room/left',
    webhookId: 'msg_1',
    body: `{"a":"'"}`,
  })
  expect(line).toContain(`--data-binary '{"a":"'\\''"}'`)
})
