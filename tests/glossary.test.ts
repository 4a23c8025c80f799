import { existsSync, globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const glossary = readFileSync(resolve(root, 'docs/glossary.md'), 'utf8')

/** Names of a word's other meanings, which have words of their own since; see the table of nine. */
const GIVEN_UP = [
  ...['nextTurn', 'eventLoopTurns', 'LanePlace', 'ContactPlace', 'DatabasePlace', 'claimInPlaceOf'],
  ...['lookIntoLane', 'lookForUnresolved', 'HeldLane', 'holdBreaker', 'holdChats', 'isLockHeld'],
  ...['OwnedBot', 'askOwner', 'withoutOwner', 'BreakerMove', 'MovedClock', 'oweResync'],
]

test('DOC-5 each file that the glossary names for a word is there', () => {
  const table = glossary.split('## 代码里的词')[1]!.split('\n## ')[0]!
  const named = [...table.matchAll(/`([\w/-]+\.ts)`/g)].map(match => match[1]!)
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter(file => !existsSync(resolve(root, 'packages/gateway/src', file)))).toEqual([])
})

test('DOC-5 no word stands twice in the glossary', () => {
  const words = [...glossary.matchAll(/^\| ([a-z][^|]*?) \| /gm)].flatMap(match => match[1]!.split(', '))
  const ofNine = new Set([
    'turn',
    'place',
    'look',
    'held',
    'token',
    'claim',
    'owner',
    'move',
    'owe',
    'word',
    'id',
    'slot',
  ])
  const rest = words.filter(word => !ofNine.has(word))
  expect(rest.filter((word, at) => rest.indexOf(word) !== at)).toEqual([])
})

test('DOC-5 a name that was given up for a clearer one does not come back', () => {
  const givenUp = new RegExp(`\\b(?:${GIVEN_UP.join('|')})\\b`)
  const sources = globSync('packages/*/{src,test}/**/*.ts', { cwd: root })
  expect(sources.length).toBeGreaterThan(400)
  expect(sources.filter(file => givenUp.test(readFileSync(resolve(root, file), 'utf8')))).toEqual([])
})
