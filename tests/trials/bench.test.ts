import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, inject, test } from 'vitest'
import { SHARED_SERVER } from '../../bench/open-postgres.ts'

const main = resolve(import.meta.dirname, '../../bench/main.ts')
const MINUTES_MS = 120_000

// Whether it is fast is no business of a test; that it still runs is.
test.each([
  ['list', { ratioByCpu: expect.any(Number), postgres: { ratioByCpu: expect.any(Number) } }],
  ['pages', { sqlite: { lastToFirstByCpu: expect.any(Number) }, postgres: expect.any(Object) }],
  ['random', { sqlite: { randomToHotByCpu: expect.any(Number) }, postgres: expect.any(Object) }],
  ['burst', { sqlite: { heard: 20, socketsMax: expect.any(Number) }, postgres: { heard: 20 } }],
  ['outbox', { sqlite: { ofBare: expect.any(Number) }, postgres: { ofBare: expect.any(Number) } }],
  ['take-over', { medianMs: expect.any(Number), maxMs: expect.any(Number) }],
  ['disk', { kbAlone: expect.any(Number), kbApart: expect.any(Number), kbOfFour: expect.any(Number) }],
  ['bots', { memoryRatio: expect.any(Number), product: { onlineMs: expect.any(Number) } }],
  ['sync', { sqlite: { ratioByTime: expect.any(Number) }, postgres: { ratioByTime: expect.any(Number) } }],
  ['growth', { sqlite: { ratioByTime: expect.any(Number) }, postgres: { ratioByTime: expect.any(Number) } }],
  [
    'additions',
    { sqlite: { addsMs: expect.any(Number), ratioByCpu: expect.any(Number) }, raw: { calls: 15 } },
  ],
  ['latency', { sqlite: { p99Ratio: expect.any(Number) }, postgres: { p99Ratio: expect.any(Number) } }],
  ['neighbour', { sqlite: { p99Ratio: expect.any(Number), otherAnswers: 0 }, postgres: { otherAnswers: 0 } }],
  ['console', { verbs: { overview: { sqliteMs: expect.any(Number), postgresMs: expect.any(Number) } } }],
  ['start', { ratioByTime: expect.any(Number), ratioByCpu: expect.any(Number) }],
  ['nodes', { ratioByThroughput: [1, expect.any(Number), expect.any(Number)] }],
])(
  'BE-1 the benchmark %s runs, in tiny, and prints its ratios',
  (name, ratios) => {
    const printed = execFileSync(process.execPath, [main, name, '--tiny'], {
      encoding: 'utf8',
      env: {
        ...process.env,
        [SHARED_SERVER.url]: inject('postgresUrl'),
        [SHARED_SERVER.template]: inject('postgresTemplate'),
      },
      timeout: MINUTES_MS,
    })
    expect(JSON.parse(printed)).toMatchObject({ name, size: 'tiny', ...ratios })
  },
  MINUTES_MS,
)
