import { Writable } from 'node:stream'
import { eventually } from '@qunhub/testing/eventually.ts'
import { expect, test } from 'vitest'
import { createLog } from './logger.ts'
import { forTerminal } from './terminal-lines.ts'

const written = (level: 'debug' | 'info' | 'silent') => {
  const lines: string[] = []
  const to = { write: (line: string) => void lines.push(line) }
  return { log: createLog({ logLevel: level }, to), lines }
}

test('CLI-5 a secret that is logged by mistake never reaches the line', () => {
  const { log, lines } = written('info')
  log.info(
    { token: 'canary', bot: { token: 'canary', id: 'b1' }, a: { b: { c: { secret: 'canary' } } } },
    'said',
  )
  log.info({ headers: { authorization: 'Bearer canary' } }, 'said')
  log.info({ url: '/room/list?token=canary', path: '/x?token=canary' }, 'said')
  expect(lines.join('')).not.toContain('canary')
  expect(JSON.parse(lines[0]!)).toMatchObject({
    level: 'info',
    msg: 'said',
    bot: { id: 'b1', token: '[redacted]' },
  })
  expect(JSON.parse(lines[2]!)).toMatchObject({ url: '/room/list', path: '/x' })
})

test('CLI-6 without a terminal each line is one JSON object with time and level', () => {
  const { log, lines } = written('debug')
  log.debug({ bot: 'b1' }, '群名里的\n换行')
  expect(lines).toHaveLength(1)
  expect(lines[0]!.indexOf('\n')).toBe(lines[0]!.length - 1)
  expect(JSON.parse(lines[0]!)).toEqual({
    level: 'debug',
    time: expect.any(String),
    bot: 'b1',
    msg: '群名里的\n换行',
  })
})

test('CLI-6 an error is logged with its words and its cause', () => {
  const { log, lines } = written('info')
  log.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'failed')
  expect(JSON.parse(lines[0]!).err.message).toBe('outer: inner')
})

test('CLI-6 what is below the level is not written', () => {
  const { log, lines } = written('info')
  log.debug({}, 'quiet')
  expect(lines).toEqual([])
  const silent = written('silent')
  silent.log.error({}, 'quiet')
  expect(silent.lines).toEqual([])
})

test('CLI-91 on a terminal no fact and no error moves the cursor or turns the line around', async () => {
  let told = ''
  const to = new Writable({
    write(chunk, _encoding, done) {
      told += String(chunk)
      done()
    },
  })
  const log = createLog({ logLevel: 'info' }, forTerminal(to))
  const evil = 'a\u001B[2Jb\u009B31mc\u202Ed\u2066e\rf\bg\\u001B[0m'
  log.error({ bot: evil, nested: { name: evil }, err: new Error(evil, { cause: new Error(evil) }) }, 'failed')
  await eventually('the line is written', () => told.includes('failed'))
  // What is coloured is the line itself.
  const harm = told.replace(/\u001B\[\d*m/g, '').match(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu) ?? []
  expect(harm.filter(character => character !== '\n')).toEqual([])
})
