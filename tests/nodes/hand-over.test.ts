import { openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { tryHandOvers } from '@qunhub/testing/trials/hand-over-trial.ts'
import { spread, tally } from '@qunhub/testing/trials/spread.ts'
import { expect, inject, test } from 'vitest'

/** Hundreds are for a night: each costs two cores some three seconds. */
const HAND_OVERS = Number(process.env.QUNHUB_HAND_OVERS ?? 24)
const SEED = Number(process.env.QUNHUB_SEED ?? Date.now() % 1_000_000)
/** Pairs of nodes side by side, each on a database of its own: most of a hand-over is waiting. */
const PAIRS = Math.min(Number(process.env.QUNHUB_PAIRS ?? 5), HAND_OVERS)
const TAKE_OVER_MAX_MS = 10_000
/** A request waits for a dead peer until it is reaped; on a busy machine the rest takes longer than that. */
const ANSWER_MAX_MS = 15_000
/** A room that is made while nobody runs its bot is told of after a take-over; the next one may come before that. */
const JOINED_MAX_MS = 30_000

test(`NODE-14 ${HAND_OVERS} hand-overs by kill -9 and by stop: one node at a time, every answer in time, and no join is lost`, {
  timeout: 240_000 + HAND_OVERS * 5000,
}, async () => {
  const startedAt = performance.now()
  const trials = await Promise.all(Array.from({ length: PAIRS }, (_, pair) => tryPair(pair)))
  const all = <T>(of: (trial: (typeof trials)[number]) => readonly T[]): T[] => trials.flatMap(of)
  const sum = (of: (trial: (typeof trials)[number]) => number) =>
    trials.reduce((total, trial) => total + of(trial), 0)
  const handOvers = all(trial => trial.handOvers)
  const answers = all(trial => trial.answers)
  const took = (how?: string) =>
    handOvers.filter(handOver => how === undefined || handOver.how === how).map(({ tookMs }) => tookMs)
  const joinedMs = all(trial => trial.joinedMs)
  const readAnewMs = all(trial => trial.readAnewMs)
  const lost = all(trial => trial.verdict.lost)
  const invented = all(trial => trial.verdict.invented)
  const problems = all(trial => trial.problems)
  console.log(
    [
      `seed ${SEED}: ${handOvers.length} hand-overs on ${PAIRS} pairs of nodes in ${seconds(performance.now() - startedAt)}`,
      `lost ${lost.length}, invented ${invented.length}, heard again ${sum(({ verdict }) => verdict.heardAgain)}, owed twice ${sum(({ verdict }) => verdict.owedTwice.length)} of ${sum(({ verdict }) => verdict.told)} entrances`,
      `taken over ${spread(took())}; after a kill ${spread(took('kill'))}; after a stop ${spread(took('stop'))}`,
      `everything read anew ${spread(readAnewMs)} after the claim, ${handOvers.length - readAnewMs.length} times interrupted`,
      `joined told ${spread(joinedMs)} after the room was made`,
      `${answers.length} requests: ${tally(answers.map(({ verb, how, code }) => `${verb} ${how} ${code ?? ''}`.trim()))}; answered ${spread(answers.map(({ ms }) => ms))}`,
      `rooms created without an answer that says so ${sum(({ unsaid }) => unsaid)}, event streams refused ${sum(({ streamsRefused }) => streamsRefused)}`,
      ...new Set(problems),
    ].join('\n  '),
  )

  expect(problems).toEqual([])
  expect(lost).toEqual([])
  expect(invented).toEqual([])
  expect(all(trial => trial.verdict.owedTwice)).toEqual([])
  expect(all(trial => trial.verdict.outOfOrder)).toEqual([])
  expect(sum(trial => trial.streamsRefused)).toBe(0)
  expect(handOvers.length).toBe(HAND_OVERS)
  expect(Math.max(...took())).toBeLessThan(TAKE_OVER_MAX_MS)
  expect(Math.max(...joinedMs)).toBeLessThan(JOINED_MAX_MS)
  expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(ANSWER_MAX_MS)
})

async function tryPair(pair: number) {
  const database = await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
  const share = Math.floor(HAND_OVERS / PAIRS) + (pair < HAND_OVERS % PAIRS ? 1 : 0)
  try {
    return await tryHandOvers(database.url, share, SEED + pair)
  } finally {
    await database.drop()
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
