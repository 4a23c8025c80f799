import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import type { WorkspaceId } from '@qunhub/wire'
import { expect, test } from 'vitest'
import {
  createListTurns,
  LIST_WAIT_MAX_MS,
  LISTS_UNDER_WAY_MAX,
  LISTS_WAITING_MAX,
  type ListTurn,
} from './list-turns.ts'

const [heavy, light] = ['a'.repeat(24), 'b'.repeat(24)] as [WorkspaceId, WorkspaceId]

/** Lists whose work takes exactly as long as they say. */
function desk(atOnce = 1) {
  const clock = new ManualClock()
  let now = 0
  const turns = createListTurns({ clock, atOnce, elapsed: () => now })
  const done: string[] = []
  return {
    clock,
    turns,
    done,
    /** A list of so many pieces of work, each of as many milliseconds as a turn may last. */
    async list(name: string, workspaceId: WorkspaceId, pieces: number): Promise<void> {
      const turn = await turns.enter(workspaceId)
      if (!turn) return void done.push(`${name} refused`)
      for (let piece = 0; piece < pieces; piece++) {
        if (piece > 0) await turn.giveWay()
        now += 2
      }
      done.push(name)
      turn.leave()
    },
  }
}

const ticks = async (count: number) => {
  for (let n = 0; n < count; n++) await new Promise(resolve => setImmediate(resolve))
}

test('LT-7 the next turn is of the workspace that has worked least, however many lists another has', async () => {
  const { list, done } = desk()
  const all = Array.from({ length: 20 }, (_, n) => list(`heavy ${n}`, heavy, 10))
  await ticks(15)
  all.push(list('light', light, 10))
  await Promise.all(all)
  // Two of the heavy ones are in the middle of their work, or through with it, when the light one comes; then it is first.
  expect(done.indexOf('light')).toBeLessThanOrEqual(2)
  expect(done).toHaveLength(21)
})

test('LT-7 who has had many lists before does not wait until a newcomer has had as many', async () => {
  const { list, done } = desk()
  for (let n = 0; n < 50; n++) await list('before', light, 10)
  const all = Array.from({ length: 16 }, (_, n) => list(`heavy ${n}`, heavy, 10))
  await ticks(3)
  all.push(list('light', light, 1))
  await ticks(3)
  expect(done.slice(50)).toEqual(['light'])
  await Promise.all(all)
})

test('LT-7 who has been answered from memory for long, with nobody beside him, does not wait until a newcomer has worked as long', async () => {
  const { turns, list, done } = desk()
  for (let n = 0; n < 500; n++) {
    const passing = turns.passBy(light)!
    passing.worked(2)
    passing.leave()
  }
  const all = Array.from({ length: 16 }, (_, n) => list(`heavy ${n}`, heavy, 10))
  await ticks(3)
  all.push(list('light', light, 1))
  await ticks(3)
  expect(done).toEqual(['light'])
  await Promise.all(all)
})

test('LT-7 no more than one turn begins in a tick of the event loop, so that others come in between', async () => {
  const { turns } = desk(4)
  let begun = 0
  const begin = async (workspaceId: WorkspaceId) => {
    await turns.enter(workspaceId)
    begun++
  }
  void begin(heavy)
  void begin(light)
  await Promise.resolve()
  await Promise.resolve()
  expect(begun).toBeLessThanOrEqual(1)
  await ticks(3)
  expect(begun).toBe(2)
})

test('LT-7 where turns last, three quarters of them are kept for other workspaces', async () => {
  const { turns } = desk(4)
  const begun: WorkspaceId[] = []
  const begin = async (workspaceId: WorkspaceId) => {
    await turns.enter(workspaceId)
    begun.push(workspaceId)
  }
  for (let n = 0; n < 5; n++) void begin(heavy)
  await ticks(10)
  void begin(light)
  await ticks(10)
  expect(begun).toEqual([heavy, light])
})

test('LT-8 a workspace has 16 lists under way, 48 wait, and one more is refused; a neighbour is let in', async () => {
  const { turns } = desk()
  const open: ListTurn[] = []
  let refused = 0
  const enter = async () => {
    const turn = await turns.enter(heavy)
    if (!turn) return void refused++
    open.push(turn)
    // It waits for its reader.
    turn.rest()
  }
  for (let n = 0; n < LISTS_UNDER_WAY_MAX; n++) {
    void enter()
    await ticks(2)
  }
  for (let n = 0; n < LISTS_WAITING_MAX + 1; n++) void enter()
  await ticks(5)
  expect([open.length, refused]).toEqual([LISTS_UNDER_WAY_MAX, 1])
  expect([turns.isFull(heavy), turns.isFull(light)]).toEqual([true, false])
  const neighbour = await turns.enter(light)
  expect(neighbour).not.toBe(null)
  neighbour!.leave()
  open[0]!.leave()
  await ticks(2)
  expect(open).toHaveLength(LISTS_UNDER_WAY_MAX + 1)
})

test('LT-8 a list that has waited for 10 s is refused, and nothing is left of it', async () => {
  const { turns, clock } = desk()
  const first = (await turns.enter(heavy))!
  const second = turns.enter(heavy)
  await ticks(2)
  clock.advance(LIST_WAIT_MAX_MS)
  expect(await second).toBe(null)
  first.leave()
  expect(await turns.enter(heavy)).not.toBe(null)
  expect(clock.nextIn()).toBe(undefined)
})
