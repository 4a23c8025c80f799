/**
 * Stories that chance invents: callbacks are owed and undone, receivers fail in their ways, the courier is killed, time
 * passes, breakers open and are resumed, secrets change. After each story everything is mended, and then what is always
 * true must be true. A failing story is shrunk and printed with its seed; QUNHUB_MODEL_SEED tells it again.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Answer, type Customer, openCustomer } from '../../testing/customer.ts'
import { openOutbox, type Outbox, owed, type Tenant } from '../../testing/open-outbox.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../model/clock.ts'
import { systemRandom } from '../model/random.ts'
import { OPEN_MS, resumeAddress } from '../store/breaker.ts'
import { clearCallbackUrl, describeAddress, rotateCallbackSecret } from '../store/callback-addresses.ts'
import { enqueueCallback, replayCallback } from '../store/callbacks.ts'

const STORIES = 1000
const ATTEMPTS_MAX = 6

type Event =
  | { readonly what: 'owe' | 'undo'; readonly room: number; readonly many: number }
  | { readonly what: 'pass'; readonly ms: number }
  | { readonly what: 'answer'; readonly with: 'ok' | 'error' | 'gone' | 'cut' }
  /** Many rooms at once that nobody takes, until their retries are used up. */
  | { readonly what: 'storm'; readonly many: number }
  | { readonly what: 'kill' | 'resume' | 'rotate' | 'replay' }

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
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('answer' as const),
      with: fc.constantFrom(
        'ok' as const,
        'error' as const,
        'error' as const,
        'gone' as const,
        'cut' as const,
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('storm' as const), many: fc.integer({ min: 9, max: 11 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constantFrom('kill', 'resume', 'rotate', 'replay' as const) }),
  },
) as fc.Arbitrary<Event>

const ANSWERS: Readonly<Record<'ok' | 'error' | 'gone' | 'cut', Answer>> = {
  ok: 200,
  error: 503,
  gone: 404,
  cut: request => void request.socket.destroy(),
}

let customer: Customer
let outbox: Outbox
/** By the path of the story's address: what was heard, and with what it is answered. */
const stories = new Map<string, { heard: string[]; answer: Answer }>()

beforeAll(async () => {
  customer = await openCustomer(({ path, json }) => {
    const story = stories.get(path.split('/')[1]!)
    if (!story) return 200
    const { room, n } = json as { room: string; n: number }
    story.heard.push(`${room} ${n}`)
    return story.answer
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
  let breakersOpened = 0
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 3, maxLength: 12 }), async events => {
      breakersOpened += (await tell(`story-${told++}`, events)) ? 1 : 0
    }),
    { numRuns: STORIES, seed },
  )
  // Otherwise the stories are too tame to say anything about breakers.
  expect(breakersOpened).toBeGreaterThan(0)
})

/** Whether the breaker was ever open. */
async function tell(name: string, events: readonly Event[]): Promise<boolean> {
  const story = { heard: [] as string[], answer: ANSWERS.ok }
  stories.set(name, story)
  const tenant = await outbox.tenant(`${customer.url}/${name}`)
  const committed: string[] = []
  let number = 0
  let wasOpen = false

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
        story.answer = ANSWERS.error
        for (let room = 1; room <= happening.many; room++) {
          await tenant.owe(`R:${room}`, ++number)
          committed.push(`R:${room} ${number}`)
        }
        await outbox.courier.idle()
        for (const seconds of [1, 2, 4, 8, 16]) await outbox.pass(seconds * SECOND_MS)
        break
      case 'pass': {
        await outbox.courier.idle()
        const before = await describeAddress(outbox.db, tenant.workspaceId)
        const heardBefore = story.heard.length
        const isShut = before!.breaker === 'open' && before!.openUntil! > outbox.clock.now() + happening.ms
        wasOpen ||= before!.breaker === 'open'
        await outbox.pass(happening.ms)
        if (isShut) expect(story.heard.length, 'requests while the breaker is open').toBe(heardBefore)
        break
      }
      case 'answer':
        story.answer = ANSWERS[happening.with]
        break
      case 'kill':
        await outbox.restart()
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

  story.answer = ANSWERS.ok
  await resumeAddress(outbox.db, tenant.workspaceId)
  // Whatever waits for its retry, or for a probe, gets its time.
  for (let turn = 0; turn < 3; turn++) await outbox.pass(OPEN_MS + MINUTE_MS)
  expect(new Set(story.heard), 'heard: everything that was committed and nothing else').toEqual(
    new Set(committed),
  )
  for (const { attempt } of await tenant.list()) expect(attempt).toBeLessThanOrEqual(ATTEMPTS_MAX)
  expect(await tenant.list({ state: 'due' }), 'nothing sticks').toEqual([])

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
  return wasOpen
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
