/**
 * What was committed stands in the write-ahead log, and has to be copied into the file now and then. SQLite does so within a commit, which
 * stops the process until hundreds of scattered pages are on the disk: 60 to 500 ms, and nobody is answered meanwhile. So while much is
 * written a thread beside this one copies, with a connection of its own that is open as long as it copies; commits go on
 * in the log meanwhile.
 *
 * The log begins anew only when all of it is copied at the moment of a write, which never comes by itself while writes go on. So what was
 * committed behind the thread's back, a few commits as a rule, it copies once more, and the next commit waits for that.
 *
 * A copy that takes longer than COPY_MAX_MS hangs in the disk: the thread is given up, and no write waits for it. It may hold the file open
 * as long as the disk holds it, and so may the end of the process.
 *
 * Where little is written, the thread has failed, or SQLite does not tell how long its log is (before 3.51), the log is copied within
 * commits as before; also when it grows to LOG_BYTES_MAX all the same.
 */
import { statSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { CHECKPOINT_BYTES, type Connection } from './connection.ts'

/** The thread leaves this to be copied while commits wait. */
const LEFT_BYTES_MAX = 512 * 1024
/** Within a commit all the same: whatever the thread does, the log must not fill the disk. */
const LOG_BYTES_MAX = 64 * 1024 * 1024
/** As many statements write some two MiB: whoever writes less needs no thread. */
const STATEMENTS_PER_LOOK = 2000

/** A slow disk writes LOG_BYTES_MAX in a quarter of it. */
const COPY_MAX_MS = 60_000
/** Then commits wait no longer, and the log grows on. */
const COMMITS_WAIT_MAX_MS = 250
/** A thread that copies nothing ends within milliseconds. */
const END_MAX_MS = 1000
const THREAD_MIB_MAX = 16
/** Before, `noop` is no word that it knows, and it copies. */
const [MAJOR, MINOR] = process.versions.sqlite!.split('.').map(Number)
const TELLS_ITS_LOG = MAJOR! > 3 || (MAJOR === 3 && MINOR! >= 51)

interface Told {
  /** Pages in the log, and how many of them are copied; null when it failed. */
  readonly copied: { readonly log: number; readonly checkpointed: number } | null
}

export class Checkpoints {
  readonly #writer: Connection
  readonly #file: string
  readonly #identity: string
  readonly #pages: { readonly perCheckpoint: number; readonly left: number; readonly max: number }
  readonly #statementsPerLook: number
  readonly #copyMaxMs: number
  readonly #openThread: (file: string) => Worker
  #thread: Worker | null = null
  #hasFailed = false
  #statements = 0
  #looking:
    | (PromiseWithResolvers<void> & { readonly giveUp: NodeJS.Timeout; readonly isLast: boolean })
    | null = null
  #isNearlyCopied = false
  #hangs = false

  constructor(
    writer: Connection,
    file: string,
    {
      bytes = CHECKPOINT_BYTES,
      statementsPerLook = STATEMENTS_PER_LOOK,
      copyMaxMs = COPY_MAX_MS,
      openThread = openCopier,
    } = {},
  ) {
    this.#writer = writer
    this.#file = file
    const { dev, ino } = statSync(file, { bigint: true })
    this.#identity = `${dev} ${ino}`
    const pages = (count: number) => Math.ceil(count / writer.pageBytes)
    this.#pages = {
      perCheckpoint: pages(bytes),
      left: pages(Math.min(LEFT_BYTES_MAX, bytes / 2)),
      max: pages(LOG_BYTES_MAX),
    }
    this.#statementsPerLook = statementsPerLook
    this.#copyMaxMs = copyMaxMs
    this.#openThread = openThread
    this.#hasFailed = !TELLS_ITS_LOG
  }

  /** The thread has the file open at this moment, or was given up and may have it open still. */
  get isLooking(): boolean {
    return this.#looking !== null || this.#hangs
  }

  /** Resolves when the thread does nothing, or is given up. */
  async idle(): Promise<void> {
    await this.#looking?.promise
  }

  /**
   * To be called after each commit, with how many statements have written; no transaction is open, and none may begin before what is
   * returned has resolved.
   */
  async committed(statements: number): Promise<void> {
    this.#statements += statements
    if (this.#hasFailed || this.#looking) return
    if (this.#isNearlyCopied) {
      this.#isNearlyCopied = false
      this.#look({ isLast: true })
      await this.#idleWithin(COMMITS_WAIT_MAX_MS)
    } else if (this.#statements >= this.#statementsPerLook) {
      this.#statements = 0
      this.#look({ isLast: false })
    }
  }

  async #idleWithin(ms: number): Promise<void> {
    const over = new AbortController()
    const time = pause(ms, null, { signal: over.signal }).catch(() => {})
    await Promise.race([this.idle(), time])
    over.abort()
  }

  /** Waits for the thread's end, but not for a disk that hangs. */
  async close(): Promise<void> {
    this.#hasFailed = true
    this.#end()
    if (!this.#thread) return
    const over = new AbortController()
    const time = pause(END_MAX_MS, null, { signal: over.signal })
    await Promise.race([this.#thread.terminate(), time]).finally(() => over.abort())
  }

  #look({ isLast }: { isLast: boolean }): void {
    try {
      this.#thread ??= this.#open()
      const giveUp = setTimeout(() => this.#giveUp(), this.#copyMaxMs).unref()
      this.#looking = { ...Promise.withResolvers(), giveUp, isLast }
      const left = isLast ? 0 : this.#pages.left
      this.#thread.postMessage({ identity: this.#identity, ...this.#pages, left })
    } catch {
      // The machine has no thread to give. The commit is kept all the same, and the next ones copy the log.
      this.#fail()
    }
  }

  #giveUp(): void {
    this.#hangs = true
    // It ends when the disk lets go of it.
    this.#thread?.terminate().catch(() => {})
    this.#fail()
  }

  #open(): Worker {
    const thread = this.#openThread(this.#file)
    // It keeps no process that wants to end.
    thread.unref()
    thread.on('message', ({ copied }: Told) => {
      if (this.#hasFailed) return
      if (copied === null) return this.#fail()
      this.#writer.copyLogAt(this.#pages.max)
      const isRestSmall = copied.log - copied.checkpointed <= this.#pages.left
      this.#isNearlyCopied = !this.#looking?.isLast && copied.log >= this.#pages.perCheckpoint && isRestSmall
      this.#end()
    })
    thread.on('error', () => this.#fail())
    thread.on('exit', () => {
      this.#hangs = false
      this.#fail()
    })
    return thread
  }

  #fail(): void {
    this.#end()
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#writer.copyLogAt(this.#pages.perCheckpoint)
  }

  #end(): void {
    clearTimeout(this.#looking?.giveUp)
    this.#looking?.resolve()
    this.#looking = null
  }
}

const openCopier = (file: string): Worker =>
  new Worker(THREAD, {
    eval: true,
    workerData: file,
    resourceLimits: { maxOldGenerationSizeMb: THREAD_MIB_MAX },
  })

/** Plain JavaScript in a text, because what is shipped is one file. A file of another identity is somebody else's. */
const THREAD = `
const { statSync } = require('node:fs')
const { DatabaseSync } = require('node:sqlite')
const { pathToFileURL } = require('node:url')
const { parentPort, workerData: file } = require('node:worker_threads')
const ROUNDS_MAX = 8

function copy({ identity, perCheckpoint, left }) {
  const { dev, ino } = statSync(file, { bigint: true })
  if (identity !== dev + ' ' + ino) throw new Error('another file')
  const url = pathToFileURL(file)
  url.searchParams.set('mode', 'rw')
  const sqlite = new DatabaseSync(url)
  try {
    sqlite.exec('pragma synchronous = full; pragma wal_autocheckpoint = 0')
    const how = mode => sqlite.prepare('pragma wal_checkpoint(' + mode + ')').get()
    let found = how('noop')
    if (found.log < perCheckpoint) return found
    for (let round = 0; round < ROUNDS_MAX && found.log - found.checkpointed > left; round++) {
      how('passive')
      found = how('noop')
    }
    return found
  } finally {
    sqlite.close()
  }
}

parentPort.on('message', asked => {
  let copied = null
  try {
    const { log, checkpointed } = copy(asked)
    copied = { log, checkpointed }
  } catch {
    // Why is of no use there: whoever hears null copies the log himself from then on.
  }
  parentPort.postMessage({ copied })
})
`
