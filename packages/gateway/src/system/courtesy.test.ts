import { expect, test } from 'vitest'
import { createCourtesy } from './courtesy.ts'

function openCourtesy() {
  const waited: number[] = []
  let now = 0
  let busyMs = 0
  const courtesy = createCourtesy({
    elapsed: () => now,
    busy: () => busyMs,
    wait: async ms => void waited.push(ms),
  })
  return {
    courtesy,
    waited,
    work(ms: number) {
      now += ms
      busyMs += ms
    },
    rest(ms: number) {
      now += ms
    },
  }
}

test('BOT-276 long work pauses for as long as the process was busy while requests come, and within a bound', async () => {
  const { courtesy, waited, work, rest } = openCourtesy()
  const giveWay = courtesy.begin()
  work(5)
  await giveWay()
  expect(waited).toEqual([])

  courtesy.asked()
  work(5)
  await giveWay()
  rest(50)
  await giveWay()
  courtesy.asked()
  work(240)
  await giveWay()
  expect(waited).toEqual([5, 100])

  expect(courtesy.isWanted).toBe(true)
  rest(250)
  expect(courtesy.isWanted).toBe(false)
  work(5)
  await giveWay()
  expect(waited).toEqual([5, 100])
})
