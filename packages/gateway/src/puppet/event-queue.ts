/**
 * What a bot has to do, one thing after another: its syncs, and the hints of its events in their order. A hint that
 * waits already is not queued twice, because whoever follows it reads the thing as it is by then. When hints come
 * faster than they can be followed they are all dropped, and one sync stands in for them.
 *
 * What has just happened does not wait for a catch-up: hints that come while such a sync runs, or waits for its turn, are
 * followed beside it, one after another; but none goes before a task that waits and is not to be overtaken. A room that was
 * late is no such news, and waits.
 */
import type { RoomWxid } from '@qunhub/wire'
import type { Log } from '../system/log.ts'
import type { WhyLater } from './later-looks.ts'
import type { BotHint } from './puppet-events.ts'

export const HINTS_MAX = 10_000
/** Syncs that operators may have waiting; whoever asks for more is not helped by yet another one. */
export const TASKS_MAX = 100
/** Of those who are said to have joined one room, or to have left it. */
const NAMED_MAX = 500
/** Why a room is looked at although no event has told of it. */
const NO_NEWS: readonly string[] = ['late', 'asked'] satisfies WhyLater[]

/** A queue that was emptied, or is full, will never run this. */
export class TaskDropped extends Error {
  override name = 'TaskDropped'
}

type Task = () => Promise<void>

interface Waiting {
  readonly task: Task
  readonly isOvertaken: () => boolean
  readonly drop: () => void
}

export interface EventQueue {
  /**
   * Runs after everything that is queued; hints that come later go before it, or beside it, while `isOvertaken` says so. Rejects
   * with what `task` throws, or with TaskDropped.
   */
  run(task: Task, isOvertaken?: () => boolean): Promise<void>
  hint(hint: BotHint): void
  /** What an `isOvertaken` says has changed. */
  reconsider(): void
  /** Whether an event has told of the room, and nobody has followed it to its end yet. */
  hasHintOf(roomWxid: RoomWxid): boolean
  /** Drops the hints that wait; tasks stay. */
  dropHints(): void
  /** Drops what waits; what runs goes on. */
  clear(): void
  /** Resolves when nothing runs or waits. */
  idle(): Promise<void>
}

export function createEventQueue(
  follow: (hint: BotHint) => Promise<void>,
  onOverflow: () => void,
  log: Log,
): EventQueue {
  /** In their order; a waiting hint stands here as its key. */
  const order = new Set<Waiting | string>()
  const hints = new Map<string, BotHint>()
  let running: Promise<void> | null = null

  let tellOfHint = () => {}
  let following: string | null = null

  const enqueue = (next: Waiting | string) => {
    order.add(next)
    running ??= work()
    tellOfHint()
  }

  async function work(): Promise<void> {
    for (const next of order) {
      order.delete(next)
      if (typeof next === 'string') await followNow(next)
      else await runOvertaken(next)
    }
    // In the same breath as finding nothing, or what comes in between would wait for ever.
    running = null
  }

  async function followNow(key: string): Promise<void> {
    const hint = hints.get(key)
    order.delete(key)
    hints.delete(key)
    following = key
    if (hint) await follow(hint)
    following = null
  }

  /** Resolves when the task is over, and the hint as well that is being followed then. */
  async function runOvertaken({ task, isOvertaken }: Waiting): Promise<void> {
    let isOver = false
    const over = task().then(() => {
      isOver = true
    })
    while (!isOver) {
      const hasCome = new Promise<void>(resolve => {
        tellOfHint = resolve
      })
      const news = isOvertaken() ? firstNews() : undefined
      await (news === undefined ? Promise.race([over, hasCome]) : followNow(news))
    }
  }

  /** The first of the hints that tell what has just happened, and that no task keeps waiting. */
  function firstNews(): string | undefined {
    for (const next of order) {
      if (typeof next !== 'string') {
        if (!next.isOvertaken()) return undefined
      } else if (isNews(hints.get(next))) return next
    }
    return undefined
  }

  const dropHints = () => {
    for (const key of hints.keys()) order.delete(key)
    hints.clear()
  }

  return {
    run: (task, isOvertaken = () => false) =>
      new Promise((resolve, reject) => {
        if (order.size - hints.size >= TASKS_MAX)
          return reject(new TaskDropped('too many syncs wait already'))
        enqueue({
          // The queue goes on after a failed task; whoever asked for it hears of the failure.
          task: () => task().then(resolve, reject),
          isOvertaken,
          drop: () => reject(new TaskDropped('the bot lost its connection meanwhile')),
        })
      }),
    hint(hint) {
      const key = keyOf(hint)
      const earlier = hints.get(key)
      const waits = earlier !== undefined
      // The newest of its kind, in the place of the oldest.
      hints.set(key, earlier ? merge(earlier, hint) : hint)
      // A late room that waited may have become news.
      if (waits) return tellOfHint()
      if (hints.size <= HINTS_MAX) return enqueue(key)
      log.warn({ hints: hints.size }, 'more events than can be followed; a sync stands in for them')
      dropHints()
      onOverflow()
    },
    reconsider: () => tellOfHint(),
    hasHintOf(roomWxid) {
      const key = keyOfRoom(roomWxid)
      return hints.has(key) || following === key
    },
    dropHints,
    clear() {
      dropHints()
      const dropped = [...order]
      order.clear()
      for (const next of dropped) if (typeof next !== 'string') next.drop()
    },
    async idle() {
      while (running) await running
    },
  }
}

const isNews = (hint: BotHint | undefined): boolean =>
  hint !== undefined && (hint.kind !== 'room-changed' || !NO_NEWS.includes(hint.why))

/** That somebody joined or left is not forgotten because something else happened after it; that a room was late is no news. */
function merge(earlier: BotHint, hint: BotHint): BotHint {
  if (earlier.kind !== 'room-changed' || hint.kind !== 'room-changed') return hint
  if (hint.why === 'asked' || (hint.why === 'late' && earlier.why !== 'asked')) return earlier
  const joined = both(earlier.joined, hint.joined)
  const left = both(earlier.left, hint.left)
  return { ...hint, ...(joined && { joined }), ...(left && { left }) }
}

const both = (earlier: readonly string[] | undefined, later: readonly string[] | undefined) =>
  earlier && later ? [...new Set([...earlier, ...later])].slice(0, NAMED_MAX) : (earlier ?? later)

const keyOfRoom = (roomWxid: RoomWxid): string => `room ${roomWxid}`

function keyOf(hint: BotHint): string {
  switch (hint.kind) {
    case 'room-changed':
      return keyOfRoom(hint.roomWxid)
    case 'contact-changed':
      return `contact ${hint.contactWxid}`
    case 'room-invite':
      return `invitation ${hint.invitationId}`
    default:
      return hint satisfies never
  }
}
