import { type ChildProcess, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { eventually } from '../eventually.ts'
import type { OutboxTask, TrialBody } from './outbox-process.ts'

const PROCESS = join(import.meta.dirname, 'outbox-process.ts')
const OPEN_WITHIN_MS = 90_000

/** One node of the kill trial, through all its lives. */
export interface OutboxWorker {
  /** What its writes were acknowledged to have owed, in all its lives. */
  readonly acknowledged: readonly TrialBody[]
  /** From the start of its process until it is open, for each life that came so far. */
  readonly startMs: readonly number[]
  /** Starts its process, which is not open yet. */
  begin(): void
  /** Waits until it is open and owes. Rejects when it ended by itself. */
  open(): Promise<void>
  start(): Promise<void>
  /** Resolves when it is gone, and everything that it said is heard. */
  kill9(): Promise<void>
  /** It lives, and is open. */
  readonly isOpen: boolean
  /** It stands still, as a machine that swaps does; its connections stay. */
  freeze(): void
  /** It goes on where it stood. */
  thaw(): void
  /** Tells it to owe no more, and waits until nothing is due. */
  drain(withinMs: number): Promise<void>
}

export function openOutboxWorker(task: OutboxTask): OutboxWorker {
  const acknowledged: TrialBody[] = []
  const startMs: number[] = []
  let life: { child: ChildProcess; closed: Promise<void>; said: Set<string> } | null = null

  const begin = () => {
    const startedAt = performance.now()
    const child = spawn(process.execPath, [PROCESS, JSON.stringify(task)], {
      env: {
        PATH: process.env.PATH,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), 'node-compile-cache'),
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const said = new Set<string>()
    // It may die before it reads what it is told.
    child.stdin.on('error', () => {})
    createInterface({ input: child.stdout }).on('line', line => {
      if (line === 'open') startMs.push(performance.now() - startedAt)
      if (!line.startsWith('{')) return said.add(line)
      const { room, marks } = JSON.parse(line) as { room: string; marks: string[] }
      acknowledged.push(...marks.map(mark => ({ room, mark })))
    })
    life = { child, said, closed: new Promise(resolve => child.once('close', () => resolve())) }
  }
  const hears = async (word: string, withinMs: number) => {
    const { child, said } = life!
    const isSaid = () => {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`a process of the trial ended by itself: ${child.exitCode ?? child.signalCode}`)
      return said.has(word)
    }
    await eventually(`a process of the trial to be ${word}`, isSaid, withinMs)
  }
  const open = () => hears('open', OPEN_WITHIN_MS)

  return {
    acknowledged,
    startMs,
    begin,
    open,
    start() {
      begin()
      return open()
    },
    async kill9() {
      const ended = life
      life = null
      if (!ended) return
      ended.child.kill('SIGKILL')
      await ended.closed
    },
    get isOpen() {
      return life?.said.has('open') === true
    },
    freeze: () => void life?.child.kill('SIGSTOP'),
    thaw: () => void life?.child.kill('SIGCONT'),
    async drain(withinMs) {
      life!.child.stdin!.write('quiet\n')
      await hears('drained', withinMs)
    },
  }
}
