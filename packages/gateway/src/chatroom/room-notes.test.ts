import type { BotId, RoomWxid } from '@qunhub/wire'
import { expect, test } from 'vitest'
import type { Room } from '../model/room.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import type { Occasion } from './occasion.ts'
import { RoomNotes } from './room-notes.ts'
import { type Kept, owedByReRead, type SyncReason } from './survey.ts'

const bot = { botId: 'a'.repeat(24) as BotId, fence: 7 }
const [first, second] = ['R:1', 'R:2'] as [RoomWxid, RoomWxid]
const room = (joinedAt: number | null) => ({ wxid: first, joinedAt })

test('CB-3 CR-24 an entrance is told once, until the bot has left the room', () => {
  const notes = new RoomNotes()
  expect(notes.tellEntrance(bot, first)).toBe(true)
  expect(notes.tellEntrance(bot, first)).toBe(false)
  expect(notes.tellEntrance(bot, second)).toBe(true)
  notes.left(bot, first)
  expect(notes.tellEntrance(bot, first)).toBe(true)
})

test('CB-3 a bot that comes back from another node, where it left the room, is told of again when it enters', () => {
  const notes = new RoomNotes()
  expect(notes.tellEntrance(bot, first)).toBe(true)
  expect(notes.tellEntrance({ ...bot, fence: 9 }, first)).toBe(true)
})

test('CB-3 a bot that is in since later than was known has come again; where the puppet does not say, nobody knows', () => {
  const notes = new RoomNotes()
  const tenure = { ...bot, fence: 1 }
  expect(notes.cameAgain(tenure, room(100))).toBe(false)
  notes.noteSince(tenure, room(100), false)
  expect(notes.cameAgain(tenure, room(null))).toBe(false)
  expect(notes.cameAgain(tenure, room(100))).toBe(false)
  expect(notes.cameAgain(tenure, room(101))).toBe(true)
  // Seen by somebody who owed nothing for it, it is still to be told.
  notes.noteSince(tenure, room(101), false)
  expect(notes.cameAgain(tenure, room(101))).toBe(true)
  notes.noteSince(tenure, room(101), true)
  expect(notes.cameAgain(tenure, room(101))).toBe(false)
  expect(notes.cameAgain({ ...tenure, fence: 2 }, room(102))).toBe(false)
})

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
  const notes = new RoomNotes()
  notes.missed(bot, first, owed)
  expect(notes.meaning(bot, first, seen)).toEqual(means)
  notes.left(bot, first)
  expect(notes.meaning(bot, first, seen)).toEqual(seen)
})

test('CB-2 the first sync that missed a room counts', () => {
  const notes = new RoomNotes()
  notes.missed(bot, first, before)
  notes.missed(bot, first, later)
  expect(notes.meaning(bot, first, witnessed)).toEqual(before)
})

test('CB-2 a re-read that begins anew before its first look is over compares with how it was, but for what is told; a finished one hands nothing on', () => {
  const notes = new RoomNotes()
  const hosted = { tenure: bot, isStarting: false } as HostedBot
  const { signal } = new AbortController()
  const begin = (reason: SyncReason) => notes.beginSurvey(hosted, { reason, signal })
  const kept = (wxid: RoomWxid, revision: number, how: Partial<Kept>) =>
    notes.kept(hosted, { wxid } as Room, { revision, isNews: false, isWitnessed: true, ...how })
  const [changed, told, entered, same] = [first, second, 'R:3' as RoomWxid, 'R:4' as RoomWxid]
  const before = begin('reconciled')
  before.revisions.set(changed, 3).set(told, 5).set(same, 1)
  kept(changed, 4, {})
  kept(told, 6, { isWitnessed: false })
  kept(entered, 1, { isNews: true })
  kept(same, 1, {})
  // Of the others nothing is owed, so nobody has to read them.
  expect([...before.seen]).toEqual([told, entered, same])
  const again = begin('reconciled')
  expect(Object.fromEntries(again.revisions)).toEqual({ [changed]: 3, [told]: 6, [entered]: 1, [same]: 1 })
  again.looks = 1
  const asked = begin('asked')
  expect(asked.revisions.size).toBe(0)
  kept(entered, 2, { isNews: true })
  expect(asked.seen.size).toBe(0)
  expect(begin('periodic').revisions.size).toBe(0)
  kept(changed, 5, {})
  // Its events are heard: what one has told is not unseen.
  expect(begin('reconciled').revisions.get(changed)).toBe(5)
})

test('CB-2 what a re-read has told before it fails it tells no more when it begins anew; over another stream it does', () => {
  const notes = new RoomNotes()
  const hosted = { tenure: bot, isStarting: false } as HostedBot
  const begin = (signal: AbortSignal) =>
    Object.assign(notes.beginSurvey(hosted, { reason: 'reconciled', signal }), { isNoted: true })
  const { signal } = new AbortController()
  begin(signal).revisions.set(first, 5).set(second, 1)
  const kept = { revision: 6, isNews: false, isWitnessed: false }
  notes.kept(hosted, { wxid: first } as Room, kept)
  const again = begin(signal)
  expect(owedByReRead(again, first)).toBeUndefined()
  expect(owedByReRead(again, second)).toEqual({ why: 'reconciled', revision: 1 })
  expect(owedByReRead(begin(new AbortController().signal), first)).toEqual({ why: 'reconciled', revision: 6 })
})
