import { existsSync, readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import type { Cancel, Timers } from './clock.ts'
import { restoreWorld, saveWorld } from './world/saved-world.ts'
import type { World } from './world/world.ts'

/** Changes come in crowds; this long they are gathered into one write. */
export const SAVE_DELAY_MS = 150

export class StateFileCorrupt extends Error {
  override readonly name = 'StateFileCorrupt'
  readonly path: string

  constructor(path: string, cause: unknown) {
    super(`状态文件损坏,无法读取: ${path} (the state file is corrupt; move it away to start afresh)`, {
      cause,
    })
    this.path = path
  }
}

/** Fills the world from the file; false when there is no such file yet. */
export function loadStateFile(path: string, world: World): boolean {
  if (!existsSync(path)) return false
  try {
    restoreWorld(world, JSON.parse(readFileSync(path, 'utf8')))
    return true
  } catch (error) {
    throw new StateFileCorrupt(path, error)
  }
}

/**
 * Keeps the file true to the world. A change starts a wait of SAVE_DELAY_MS; then the whole world is written
 * beside the file and moved over it, so a crash leaves the old file or the new one, never half of either.
 * One write runs at a time. `close` writes what is still owed.
 */
export class StateFileKeeper {
  readonly #path: string
  readonly #world: World
  readonly #timers: Timers
  readonly #log: (line: string) => void
  readonly #unwatch: () => void
  #cancelWait: Cancel | null = null
  #writing: Promise<void> = Promise.resolve()

  constructor(path: string, world: World, timers: Timers, log: (line: string) => void) {
    this.#path = path
    this.#world = world
    this.#timers = timers
    this.#log = log
    this.#unwatch = world.watch(() => this.#owe())
  }

  async close(): Promise<void> {
    this.#unwatch()
    this.#cancelWait?.()
    await this.#save()
  }

  #owe(): void {
    this.#cancelWait ??= this.#timers.after(SAVE_DELAY_MS, () => {
      this.#cancelWait = null
      // A full disk must not end the simulation; the next change tries again.
      this.#save().catch(error => this.#log(`cannot save ${this.#path}: ${String(error)}`))
    })
  }

  #save(): Promise<void> {
    this.#writing = this.#writing.catch(() => {}).then(() => this.#write())
    return this.#writing
  }

  async #write(): Promise<void> {
    const beside = `${this.#path}.tmp`
    await writeFile(beside, JSON.stringify(saveWorld(this.#world)))
    await rename(beside, this.#path)
  }
}
