import { expect, test } from 'vitest'
import type { Occasion } from './keep-room.ts'
import { createLateRooms } from './late-rooms.ts'

const tenure = { workspaceId: 'w', botId: 'b', fence: 1 } as never
const room = 'R:1' as never
const started: Occasion = { why: 'started' }
const asked: Occasion = { why: 'asked' }
const witnessed: Occasion = { why: 'witnessed' }
const created: Occasion = { why: 'created' }
const before: Occasion = { why: 'reconciled', revision: 3 }
const later: Occasion = { why: 'reconciled', revision: 4 }

test.each<[string, Occasion, Occasion, Occasion]>([
  ['a start’s, by an event: the start', started, witnessed, started],
  ['a start’s, by a sync on request: the start', started, asked, started],
  ['a reconcile’s, by an event: the reconcile', before, witnessed, before],
  ['a reconcile’s, by a later one: the earlier, which knew how it stood', before, later, before],
  ['a reconcile’s, by a sync on request: the request, which tells more', before, asked, asked],
  ['anybody’s, by a request that made the room: that', started, created, created],
])('CB-1 CB-2 a late room that is seen means what was owed: %s', (_what, owed, seen, means) => {
  const late = createLateRooms()
  late.note(tenure, room, owed)
  expect(late.meaning(tenure, room, seen)).toEqual(means)
  late.forget(tenure, room)
  expect(late.meaning(tenure, room, seen)).toEqual(seen)
})

test('CB-2 the first sync that missed a room counts', () => {
  const late = createLateRooms()
  late.note(tenure, room, before)
  late.note(tenure, room, later)
  expect(late.meaning(tenure, room, witnessed)).toEqual(before)
})
