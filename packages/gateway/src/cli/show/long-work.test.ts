import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { expect, test } from 'vitest'
import { SECOND_MS } from '../../system/clock.ts'
import { openLongWork, UNTOLD_MAX_MS } from './long-work.ts'

function scene(isTerminal: boolean) {
  const clock = new ManualClock()
  const told: string[] = []
  const work = openLongWork({ isTerminal, err: text => void told.push(text) }, '复制 copying', clock)
  return { clock, told, work }
}

test('CLI-126 whoever watches is told after 2 s what takes so long, every second, and the line is taken away in the end', () => {
  const { clock, told, work } = scene(true)
  clock.advance(UNTOLD_MAX_MS - 1)
  expect(told).toEqual([])
  clock.advance(1)
  clock.advance(SECOND_MS)
  work.now('检查 checking')
  expect(told).toEqual([
    '\r\x1b[2K复制 copying … 2 s',
    '\r\x1b[2K复制 copying … 3 s',
    '\r\x1b[2K检查 checking … 3 s',
  ])
  work.end()
  expect(told.at(-1)).toBe('\r\x1b[2K')
  const before = told.length
  clock.advance(10 * SECOND_MS)
  expect(told).toHaveLength(before)
})

test('CLI-126 what is done sooner is not told, nor anything where nobody watches; before what cannot be interrupted it is told at once', () => {
  const short = scene(true)
  short.clock.advance(SECOND_MS)
  short.work.end()
  short.clock.advance(10 * SECOND_MS)
  expect(short.told).toEqual([])

  const log = scene(false)
  log.work.tell('检查 checking')
  log.clock.advance(10 * SECOND_MS)
  log.work.end()
  expect(log.told).toEqual([])

  const blocking = scene(true)
  blocking.work.tell('检查 checking')
  expect(blocking.told).toEqual(['\r\x1b[2K检查 checking … 0 s'])
})
