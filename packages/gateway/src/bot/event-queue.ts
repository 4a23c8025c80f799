/**
 * What a bot has to do, one thing after another: its syncs, and the hints of its events in their order. A hint that
 * waits already is not queued twice, because whoever follows it reads the thing as it is by then. When hints come
 * faster than they can be followed they are all dropped, and one sync stands in for them.
 */
import type { Log } from '../model/log.ts'
import type { BotHint } from './puppet-events.ts'

export const HINTS_MAX = 10_000

/** A queue that was emptied will never run this. */
export class TaskDropped extends Error {
  override name = 'TaskDropped'
}

type Task = () => Promise<void>

export interface EventQueue {
  /** Runs after everything that is queued. Rejects with what `task` throws, or with TaskDropped. */
  run(task: Task): Promise<void>
  hint(hint: BotHint): void
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
  let tasks: { task: Task; drop: () => void }[] = []
  let hints = new Map<string, BotHint>()
  let running: Promise<void> | null = null

  const enqueue = (task: Task, drop: () => void) => {
    tasks.push({ task, drop })
    running ??= work().finally(() => {
      running = null
    })
  }

  async function work(): Promise<void> {
    for (let next = tasks.shift(); next; next = tasks.shift()) await next.task()
  }

  const clear = () => {
    const dropped = tasks
    tasks = []
    hints = new Map()
    for (const { drop } of dropped) drop()
  }

  return {
    run: task =>
      new Promise((resolve, reject) => {
        // The queue goes on after a failed task; whoever asked for it hears of the failure.
        enqueue(
          () => task().then(resolve, reject),
          () => reject(new TaskDropped('the bot lost its connection meanwhile')),
        )
      }),
    hint(hint) {
      const key = keyOf(hint)
      const waits = hints.has(key)
      hints.set(key, hint)
      if (waits) return
      if (hints.size > HINTS_MAX) {
        log.warn({ hints: hints.size }, 'more events than can be followed; a sync stands in for them')
        clear()
        onOverflow()
        return
      }
      enqueue(
        async () => {
          // The newest of its kind: an earlier one was overwritten while it waited.
          const newest = hints.get(key)
          hints.delete(key)
          if (newest) await follow(newest)
        },
        () => undefined,
      )
    },
    clear,
    async idle() {
      while (running) await running
    },
  }
}

function keyOf(hint: BotHint): string {
  switch (hint.kind) {
    case 'room-changed':
      return `room ${hint.roomWxid}`
    case 'contact-changed':
      return `contact ${hint.contactWxid}`
    case 'room-invite':
      return `invitation ${hint.invitationId}`
    default:
      return hint satisfies never
  }
}
