import { expect, test } from 'vitest'
import type { Together, Transaction } from '../../database/database.ts'
import { StoreAway } from '../../database/store-error.ts'
import { Lines } from './lines.ts'

/** A line whose works are let go one by one, and what was carried out, transaction by transaction. */
function openLine() {
  const lines = new Lines()
  const carriedOut: string[][] = []
  const held: (() => void)[] = []
  const failing = new Map<string, Error>()
  const carryOut = async <R>(work: (tx: Transaction) => Promise<R>): Promise<R> => {
    await new Promise<void>(resolve => held.push(resolve))
    return work({} as Transaction)
  }
  const kind: Together<string, string> = {
    takes: (waiting, given) => waiting.length < 3 && !waiting.includes(given),
    async work(_, all) {
      carriedOut.push([...all])
      for (const given of all) if (failing.has(given)) throw failing.get(given)
      return all.map(given => `${given}!`)
    },
  }
  const alone = async (given: string) => void carriedOut.push([given])
  return {
    carriedOut,
    failing,
    gather: (given: string) =>
      lines.together<string>(
        'bot',
        { kind, given },
        { carryOut, alone: async tx => (await kind.work(tx, [given]))[0]! },
      ),
    inTurn: (given: string) => lines.inTurn('bot', () => carryOut(() => alone(given))),
    async letAllGo() {
      for (let idle = 0; idle < 5; idle++) {
        await new Promise(resolve => setImmediate(resolve))
        if (held.length > 0) idle = 0
        for (const letGo of held.splice(0)) letGo()
      }
    },
  }
}

test('ST-128 what waits as the last of a line is joined until it begins, up to its bound, and nobody is overtaken', async () => {
  const { gather, inTurn, letAllGo, carriedOut } = openLine()
  const told = [gather('a'), gather('b'), inTurn('other'), gather('c'), gather('d'), gather('c'), gather('e')]
  await letAllGo()
  expect(carriedOut).toEqual([['a', 'b'], ['other'], ['c', 'd'], ['c', 'e']])
  expect(await Promise.all(told)).toEqual(['a!', 'b!', undefined, 'c!', 'd!', 'c!', 'e!'])
  const later = gather('f')
  await letAllGo()
  expect(await later).toBe('f!')
})

test('ST-129 where one of them fails each is carried out by itself, and hears of what is its own', async () => {
  const { gather, letAllGo, carriedOut, failing } = openLine()
  failing.set('b', new RangeError('not this one'))
  const told = [gather('a'), gather('b'), gather('c'), gather('d')]
  const outcomes = Promise.allSettled(told)
  await letAllGo()
  expect(carriedOut).toEqual([['a', 'b', 'c'], ['a'], ['b'], ['c'], ['d']])
  expect(
    (await outcomes).map(outcome => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason)),
  ).toEqual(['a!', new RangeError('not this one'), 'c!', 'd!'])
})

test('ST-129 while the database is away they do not wait for it one after another', async () => {
  const { gather, letAllGo, carriedOut, failing } = openLine()
  failing.set('a', new StoreAway('gone'))
  const outcomes = Promise.allSettled(['a', 'b', 'c'].map(gather))
  await letAllGo()
  expect(carriedOut).toEqual([['a', 'b', 'c'], ['a']])
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
})
