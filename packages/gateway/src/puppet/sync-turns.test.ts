import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { expect, test } from 'vitest'
import { PASSED_OVER_MS_MAX, type SyncTurn, SyncTurns } from './sync-turns.ts'

const IDLE_MAX_MS = 10_000
const TURNS = 4

/** Every turn is taken, and one more bot waits. */
async function openCrowd() {
  const clock = new ManualClock()
  const turns = new SyncTurns(TURNS, { clock, idleMaxMs: IDLE_MAX_MS })
  const take = () => turns.take(new AbortController().signal) as Promise<SyncTurn>
  const taken: SyncTurn[] = []
  for (let n = 0; n < TURNS; n++) taken.push(await take())
  const waiting = { turn: null as SyncTurn | null }
  const come = take().then(turn => {
    waiting.turn = turn
  })
  return { clock, turns, take, taken, waiting, come }
}

/** Lets everything happen that needs no time. */
const settle = () => new Promise(resolve => setImmediate(resolve))

test('BOT-214 a bot that waits and is called off takes no turn', async () => {
  const { turns, taken, waiting, come } = await openCrowd()
  const gone = new AbortController()
  const never = turns.take(gone.signal)
  gone.abort()
  expect(await never).toBeNull()
  expect(await turns.take(gone.signal)).toBeNull()
  taken[0]!.giveBack()
  await come
  expect(waiting.turn).not.toBeNull()
})

test('BOT-212 a turn that comes on is kept however long it takes, one that does not is another bot’s after a while', async () => {
  const { clock, taken, waiting, come } = await openCrowd()
  for (let n = 0; n < 5; n++) {
    clock.advance(IDLE_MAX_MS - 1)
    for (const turn of taken) await turn.keep()
  }
  await settle()
  expect(waiting.turn).toBeNull()
  clock.advance(IDLE_MAX_MS)
  await come
  expect(waiting.turn).not.toBeNull()
})

test('BOT-212 a sync that comes on again waits for another turn, and no more than four ever have one', async () => {
  const { clock, take, taken, come, waiting } = await openCrowd()
  clock.advance(IDLE_MAX_MS)
  await come
  const others: SyncTurn[] = [waiting.turn!]
  for (let n = 1; n < TURNS; n++) others.push(await take())
  let isBack = false
  const back = taken[0]!.keep().then(() => {
    isBack = true
  })
  await settle()
  expect(isBack).toBe(false)
  // What was taken back cannot be given back once more.
  taken[1]!.giveBack()
  await settle()
  expect(isBack).toBe(false)
  others[0]!.giveBack()
  await back
  const late = { came: false }
  const next = take().then(() => {
    late.came = true
  })
  await settle()
  expect(late.came).toBe(false)
  taken[0]!.giveBack()
  await next
})

test('BOT-278 a sync that has come to what was known gives its turn to those that may have news, and comes after all of them', async () => {
  const { take, taken, waiting, come, turns } = await openCrowd()
  for (const turn of taken) await turn.keep('news')
  await settle()
  expect(waiting.turn).toBeNull()
  const order: string[] = []
  const back = taken[0]!.keep('known').then(() => order.push('what was known'))
  await come
  const later = take().then(turn => {
    order.push('news')
    return turn
  })
  await settle()
  expect(order).toEqual([])
  waiting.turn!.giveBack()
  await settle()
  expect(order).toEqual(['news'])
  ;(await later).giveBack()
  await back
  expect(order).toEqual(['news', 'what was known'])
  // Where nobody waits with news it keeps its turn.
  await taken[0]!.keep('known')
  for (const turn of taken) turn.giveBack()
  expect(await turns.take(new AbortController().signal)).not.toBeNull()
})

test('BOT-278 a sync of what was known is passed over for some seconds at a time, and then comes on for as long', async () => {
  const { clock, take, taken, waiting, come } = await openCrowd()
  const known = taken[0]!
  let isBack = false
  const back = known.keep('known').then(() => {
    isBack = true
  })
  await come
  clock.advance(PASSED_OVER_MS_MAX - 1)
  for (const turn of [...taken.slice(1), waiting.turn!]) await turn.keep()
  clock.advance(1)
  await settle()
  const later = take()
  waiting.turn!.giveBack()
  await back
  expect(isBack).toBe(true)
  // News wait, and it comes on all the same.
  await known.keep('known')
  clock.advance(PASSED_OVER_MS_MAX - 1)
  await known.keep('known')
  clock.advance(1)
  const again = known.keep('known')
  ;(await later).giveBack()
  await again
})

test('BOT-278 a turn that is asked for what was known is had after those that may have news, who came later', async () => {
  const { turns, taken, take, waiting, come } = await openCrowd()
  const order: string[] = []
  const known = turns.take(new AbortController().signal, 'known').then(turn => {
    order.push('known')
    return turn!
  })
  const news = take().then(turn => {
    order.push('news')
    return turn
  })
  taken[0]!.giveBack()
  await come
  waiting.turn!.giveBack()
  ;(await news).giveBack()
  await known
  expect(order).toEqual(['news', 'known'])
})
