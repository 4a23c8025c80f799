/**
 * Stories that chance invents: callbacks are owed and undone, receivers fail in their ways or never answer, the courier is
 * killed or relieved, time passes, clocks are set, breakers open and are resumed, secrets change. After each story
 * everything is mended, and then what is always true must be true. A failing story is shrunk and printed with its seed;
 * QUNHUB_MODEL_SEED tells it again.
 */

import { setImmediate as yieldToLoop } from 'node:timers/promises'
import { type Outbox, openOutbox, owed, type Tenant } from '@qunhub/testing/grounds/open-outbox.ts'
import { type Answer, type Customer, openCustomer } from '@qunhub/testing/receivers/customer.ts'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { OPEN_MS } from '../model/breaker.ts'
import { enqueueCallback } from '../store/contract/scene.contract.ts'
import { resumeAddress } from '../store/outbox/breaker-row.ts'
import {
  clearCallbackUrl,
  describeAddress,
  rotateCallbackSecret,
} from '../store/outbox/callback-addresses.ts'
import { replayCallback } from '../store/outbox/replay-callback.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../system/clock.ts'
import { systemRandom } from '../system/random.ts'
import { CALLBACK_DEADLINE_MS } from './deliver.ts'

/** `npm run trials` tells many, a night as many as it likes (`QUNHUB_STORIES`); a fifth of them is what every change can wait for. */
const STORIES = Number(process.env.QUNHUB_STORIES ?? (process.env.QUNHUB_THOROUGH ? 500 : 100))
const ATTEMPTS_MAX = 6

type Answering = 'ok' | 'error' | 'gone' | 'not-here' | 'cut' | 'hang'

type Event =
  | { readonly what: 'owe' | 'undo'; readonly room: number; readonly many: number }
  | { readonly what: 'pass'; readonly ms: number }
  /** Somebody sets the clock. */
  | { readonly what: 'set-clock'; readonly by: number }
  | { readonly what: 'answer'; readonly with: Answering }
  /** Many rooms at once that nobody takes, until their retries are used up. */
  | { readonly what: 'storm'; readonly many: number; readonly with: Answering }
  | { readonly what: 'kill' | 'relieve' | 'resume' | 'rotate' | 'replay' }

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant('owe' as const),
      room: fc.integer({ min: 1, max: 12 }),
      many: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('undo' as const),
      room: fc.integer({ min: 1, max: 12 }),
      many: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant('pass' as const),
      ms: fc.constantFrom(500, SECOND_MS, 20 * SECOND_MS, OPEN_MS - 30 * SECOND_MS, OPEN_MS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('set-clock' as const),
      by: fc.oneof(
        fc.integer({ min: -10 * SECOND_MS, max: 10 * SECOND_MS }),
        fc.integer({ min: -6 * HOUR_MS, max: 6 * HOUR_MS }),
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('answer' as const),
      with: fc.constantFrom<Answering[]>('ok', 'error', 'error', 'gone', 'not-here', 'cut', 'hang'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('storm' as const),
      many: fc.integer({ min: 9, max: 11 }),
      with: fc.constantFrom<Answering[]>('error', 'error', 'error', 'hang'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constantFrom('kill', 'relieve', 'resume', 'rotate', 'replay' as const),
    }),
  },
) as fc.Arbitrary<Event>

/** What the customer of a story hears and how it answers. */
interface Story {
  readonly heard: string[]
  /** Those of them that were taken. */
  readonly taken: string[]
  /** So many were never answered. */
  hung: number
  /** Requests that wait for an answer which will not come. */
  readonly hanging: Set<object>
  answering: Answering
}

const answerOf = (story: Story, heard: string): Answer => {
  const { answering } = story
  switch (answering) {
    case 'ok':
      story.taken.push(heard)
      return 200
    case 'error':
      return 503
    case 'gone':
      return 410
    case 'not-here':
      return 404
    case 'cut':
      return request => void request.socket.destroy()
    case 'hang':
      return (_request, response) => {
        story.hung++
        story.hanging.add(response)
        response.on('close', () => story.hanging.delete(response))
      }
    default:
      return answering satisfies never
  }
}

let customer: Customer
let outbox: Outbox
/** By the path of the story's address. */
const stories = new Map<string, Story>()

beforeAll(async () => {
  customer = await openCustomer(({ path, json }) => {
    const story = stories.get(path.split('/')[1]!)
    if (!story) return 200
    const { room, n } = json as { room: string; n: number }
    story.heard.push(`${room} ${n}`)
    return answerOf(story, `${room} ${n}`)
  })
  outbox = await openOutbox({ url: `${customer.url}/nobody` })
})
afterAll(async () => {
  await outbox.close()
  await customer.close()
})

test(`CB-4 CB-6 CB-7 CB-8 CB-12 ${STORIES} random stories: nothing is lost or invented, order is kept, and an open breaker is silent`, {
  timeout: 5 * MINUTE_MS,
}, async () => {
  const seed = Number(process.env['QUNHUB_MODEL_SEED'] ?? Date.now() % 2 ** 31)
  console.info(`outbox model: QUNHUB_MODEL_SEED=${seed}`)
  let told = 0
  const seen = { open: 0, hung: 0, setBack: 0 }
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 3, maxLength: 12 }), async events => {
      const { wasOpen, hung, wasSetBack } = await tell(`story-${told++}`, events)
      if (wasOpen) seen.open++
      if (hung > 0) seen.hung++
      if (wasSetBack) seen.setBack++
    }),
    { numRuns: STORIES, seed },
  )
  console.info(`outbox model: of ${told} stories ${JSON.stringify(seen)}`)
  // Otherwise the stories are too tame to say anything about breakers, hanging receivers and clocks.
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(0)
})

async function tell(
  name: string,
  events: readonly Event[],
): Promise<{ wasOpen: boolean; hung: number; wasSetBack: boolean }> {
  const story: Story = { heard: [], taken: [], hung: 0, hanging: new Set(), answering: 'ok' }
  stories.set(name, story)
  const tenant = await outbox.tenant(`${customer.url}/${name}`)
  const committed: string[] = []
  let number = 0
  let wasOpen = false
  let wasKilled = false
  let wasSetBack = false

  for (const happening of events) {
    switch (happening.what) {
      case 'owe':
        for (let n = 0; n < happening.many; n++) {
          await tenant.owe(`R:${happening.room}`, ++number)
          committed.push(`R:${happening.room} ${number}`)
        }
        break
      case 'undo':
        await undo(tenant, `R:${happening.room}`, ++number)
        break
      case 'storm':
        story.answering = happening.with
        for (let room = 1; room <= happening.many; room++) {
          await tenant.owe(`R:${room}`, ++number)
          committed.push(`R:${room} ${number}`)
        }
        await quiet(tenant, story)
        for (const seconds of [1, 2, 4, 8, 16]) await pass(tenant, story, seconds * SECOND_MS)
        break
      case 'pass': {
        await quiet(tenant, story)
        const before = await describeAddress(outbox.db, tenant.workspaceId)
        const heardBefore = story.heard.length
        const now = outbox.clock.now()
        // One that was opened before the clock was set back stays shut for no longer than any.
        const isShut =
          before!.breaker === 'open' && Math.min(before!.openUntil!, now + OPEN_MS) > now + happening.ms
        wasOpen ||= before!.breaker === 'open'
        await pass(tenant, story, happening.ms)
        if (isShut) expect(story.heard.length, 'requests while the breaker is open').toBe(heardBefore)
        break
      }
      case 'set-clock':
        outbox.clock.step(happening.by)
        wasSetBack ||= happening.by < 0
        await expectNothingStranded(tenant, story)
        break
      case 'answer':
        story.answering = happening.with
        break
      case 'kill':
        wasKilled = true
        await outbox.restart()
        break
      case 'relieve':
        await outbox.relieve(finished => quiet(tenant, story, finished))
        break
      case 'resume':
        await resumeAddress(outbox.db, tenant.workspaceId)
        break
      case 'rotate':
        await rotateCallbackSecret(outbox.db, outbox.keyring, systemRandom, tenant.workspaceId, {
          at: outbox.clock.now(),
          overlapMs: HOUR_MS,
        })
        break
      case 'replay':
        await replayParked(tenant)
        break
      default:
        happening satisfies never
    }
  }

  // What hangs still is given up first: a receiver that is mended takes nothing twice.
  await quiet(tenant, story)
  story.answering = 'ok'
  await resumeAddress(outbox.db, tenant.workspaceId)
  // Whatever waits for its retry, or for a probe, gets its time.
  for (let tick = 0; tick < 3; tick++) await outbox.pass(OPEN_MS + MINUTE_MS)
  expect(new Set(story.heard), 'heard: everything that was committed and nothing else').toEqual(
    new Set(committed),
  )
  for (const { attempt } of await tenant.list()) expect(attempt).toBeLessThanOrEqual(ATTEMPTS_MAX)
  expect(await tenant.list({ state: 'due' }), 'nothing sticks').toEqual([])
  if (!wasKilled) {
    expect(story.taken.length, 'what was taken is never sent again').toBe(new Set(story.taken).size)
    expect(await countTimeouts(tenant), 'each request that hangs is one failed attempt').toBe(story.hung)
  }

  const firsts = [...new Set(story.heard)]
  for (const room of new Set(firsts.map(heard => heard.split(' ')[0]))) {
    const ofRoom = firsts
      .filter(heard => heard.startsWith(`${room} `))
      .map(heard => Number(heard.split(' ')[1]))
    expect(ofRoom, `the order of ${room}`).toEqual(ofRoom.toSorted((a, b) => a - b))
  }

  await replayParked(tenant)
  await outbox.pass(500)
  expect(new Set((await tenant.list()).map(callback => callback.state))).toEqual(
    new Set(committed.length > 0 ? ['delivered'] : []),
  )
  await clearCallbackUrl(outbox.db, tenant.workspaceId)
  stories.delete(name)
  return { wasOpen, hung: story.hung, wasSetBack }
}

/** Until nothing is due and nothing in flight. When all that is in flight hangs, its deadline passes. */
async function quiet(tenant: Tenant, story: Story, reached = outbox.courier.idle()): Promise<void> {
  let isReached = false
  const reaching = reached.finally(() => {
    isReached = true
  })
  while (!isReached) {
    await yieldToLoop()
    if (story.hanging.size === 0 || story.hanging.size < outbox.courier.underWay(tenant.addressId).size)
      continue
    story.hanging.clear()
    outbox.clock.advance(CALLBACK_DEADLINE_MS)
  }
  await reaching
}

async function pass(tenant: Tenant, story: Story, ms: number): Promise<void> {
  outbox.clock.advance(ms)
  await quiet(tenant, story)
}

async function countTimeouts(tenant: Tenant): Promise<number> {
  const { db } = outbox
  const counted = await db.first(
    db.query
      .selectFrom('attempt')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('workspace_id', '=', tenant.workspaceId)
      .where('error_class', '=', 'timeout')
      .compile(),
  )
  return Number(counted!.count)
}

/**
 * The clock was set: no breaker is open for longer than any is. That nothing else waits for longer than it would have, the
 * end of the story says.
 */
async function expectNothingStranded(tenant: Tenant, story: Story): Promise<void> {
  await quiet(tenant, story)
  const { db, clock } = outbox
  if (!(await tenant.list({ state: 'due' })).some(({ dueAt }) => dueAt <= clock.now())) return
  const { openUntil } = (await describeAddress(db, tenant.workspaceId))!
  expect(openUntil ?? 0, 'until when the breaker is open').toBeLessThanOrEqual(clock.now() + OPEN_MS)
}

const undo = (tenant: Tenant, room: string, n: number): Promise<void> =>
  outbox.db
    .write(async tx => {
      await enqueueCallback(tx, tenant.workspaceId, owed(room, n), outbox.clock.now())
      throw new Error('undone')
    })
    .catch((failure: Error) => {
      if (failure.message !== 'undone') throw failure
    })

async function replayParked(tenant: Tenant): Promise<void> {
  for (const { id } of (await tenant.list({ state: 'parked' })).toReversed())
    await replayCallback(outbox.db, tenant.workspaceId, id, outbox.clock.now())
  outbox.courier.wake()
}
