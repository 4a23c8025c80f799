import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync } from 'node:fs'
import { join, resolve } from 'node:path'

const PROGRAM = 'stock-bot.mjs'
/** Beyond the 5 s and the 10 s after which stock clients go on without an answer, so that it is told how late it was. */
const PATIENCE_MS = 15_000

export interface UserLayer {
  name: string
  puppetService: string
}

export type Heard = 'login' | 'error' | 'room-join' | 'room-leave' | 'room-topic' | 'message'

/** What the program said, as its user layer handed it over; `at` is the wall clock of this machine. */
export interface Told {
  event: Heard | 'said' | 'refused'
  at: number
  room?: string
  topic?: string
  before?: string
  people?: string[]
  by?: string
  text?: string
}

/** A stock program in a process of its own, which lives until it is stopped. Should it die before, whoever waits is told. */
export class StockBot {
  readonly told: Told[] = []
  readonly #child: ChildProcess
  #read = 0
  #wake = () => {}
  #ended: string | null = null

  private constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', told => {
      this.told.push(told as Told)
      this.#wake()
    })
    child.on('exit', (code, signal) => {
      this.#ended = `the stock program ended (${signal ?? code})`
      this.#wake()
    })
  }

  /**
   * `folder` is where the packages were installed. Each program has a home of its own in it: the client keeps on disk what it
   * read of a room, and the worlds of two tests have a room of the same id.
   */
  static start(
    folder: string,
    { name, puppetService }: UserLayer,
    { token, endpoint }: { token: string; endpoint: string },
  ): StockBot {
    const home = mkdtempSync(join(folder, 'home-'))
    // A module finds packages from where it lies, not from where it is run.
    const program = join(folder, PROGRAM)
    copyFileSync(resolve(import.meta.dirname, PROGRAM), program)
    const child = fork(program, [name, puppetService, token, endpoint], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: home, WECHATY_LOG: 'silent' },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    return new StockBot(child)
  }

  /** The next that it says, errors left aside, which are in `told`. */
  async next(event: Told['event']): Promise<Told> {
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const said = this.told[this.#read]
      if (said) this.#read++
      if (said?.event === event) return said
      if (said && said.event !== 'error')
        throw new Error(`it was to say ${event}, and said ${JSON.stringify(said)}`)
      if (said) continue
      if (this.#ended) throw new Error(`${this.#ended} instead of saying ${event}`)
      if (Date.now() > deadline) throw new Error(`it did not say ${event} within ${PATIENCE_MS} ms`)
      await this.#somethingOr(deadline)
    }
  }

  order(order: 'say' | 'quit', roomId: string, text?: string): void {
    this.#child.send({ order, roomId, text })
  }

  get errors(): string[] {
    return this.told.filter(({ event }) => event === 'error').map(({ text }) => text ?? '')
  }

  async stop(): Promise<void> {
    if (this.#ended) return
    const exit = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exit
  }

  #somethingOr(deadline: number): Promise<void> {
    return new Promise(wake => {
      const timer = setTimeout(wake, deadline - Date.now() + 1)
      this.#wake = () => {
        clearTimeout(timer)
        wake()
      }
    })
  }
}
