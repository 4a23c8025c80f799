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

export class StateFileUnwritable extends Error {
  override readonly name = 'StateFileUnwritable'

  constructor(path: string, cause: unknown) {
    const why =
      cause instanceof Error && 'code' in cause ? (REASONS[String(cause.code)] ?? cause.code) : cause
    super(`状态文件无法写入: ${path}, ${why} (cannot write the state file)`, { cause })
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: '文件夹不存在,请先建立 (its folder does not exist; create it first)',
  ENOTDIR: '所在之处不是文件夹 (where it should be is no folder)',
  EISDIR: '那是一个文件夹 (that is a folder)',
  EACCES: '没有写入权限 (permission denied)',
  EROFS: '只读 (read-only)',
  ENOSPC: '磁盘已满 (the disk is full)',
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
 * Keeps the file true to the world: the whole world is written beside the file and moved over it, so a crash leaves the
 * old file or the new one, never half of either. One write runs at a time, and all who wait for the next share it.
 *
 * Whoever was answered can rely on it: before an answer leaves, `saving` has written what it speaks of. What happens
 * without anybody asking is gathered for SAVE_DELAY_MS. `close` writes what is still owed. Nothing is flushed to the
 * platter: this is for processes that are killed, not for machines that lose their power.
 */
export class StateFileKeeper {
  readonly #path: string
  readonly #world: World
  readonly #timers: Timers
  readonly #log: (line: string) => void
  readonly #unwatch: () => void
  #isOwed = false
  #cancelWait: Cancel | null = null
  #running: Promise<void> | null = null
  #next: Promise<void> | null = null

  private constructor(path: string, world: World, timers: Timers, log: (line: string) => void) {
    this.#path = path
    this.#world = world
    this.#timers = timers
    this.#log = log
    this.#unwatch = world.watch(() => this.#owe())
  }

  /** Writes the world once before anything happens in it, and so finds out whether it can. */
  static async open(
    path: string,
    world: World,
    timers: Timers,
    log: (line: string) => void,
  ): Promise<StateFileKeeper> {
    const keeper = new StateFileKeeper(path, world, timers, log)
    keeper.#isOwed = true
    try {
      await keeper.saving()
      return keeper
    } catch (error) {
      keeper.#unwatch()
      throw error
    }
  }

  /** The write that everything until now waits for; null when it is in the file. Rejects with StateFileUnwritable. */
  saving(): Promise<void> | null {
    if (!this.#isOwed) return this.#running
    this.#next ??= this.#afterRunning()
    return this.#next
  }

  async close(): Promise<void> {
    this.#unwatch()
    this.#cancelWait?.()
    this.#isOwed = true
    await this.saving()
  }

  #owe(): void {
    this.#isOwed = true
    this.#cancelWait ??= this.#timers.after(SAVE_DELAY_MS, () => {
      this.#cancelWait = null
      // A full disk must not end the simulation; the next change tries again.
      this.saving()?.catch(error => this.#log(String(error)))
    })
  }

  async #afterRunning(): Promise<void> {
    // How the write before this one ended, its own waiters have heard.
    await this.#running?.catch(() => {})
    this.#next = null
    this.#running = this.#write().finally(() => {
      this.#running = null
    })
    await this.#running
  }

  async #write(): Promise<void> {
    this.#isOwed = false
    this.#cancelWait?.()
    this.#cancelWait = null
    const beside = `${this.#path}.tmp`
    try {
      await writeFile(beside, JSON.stringify(saveWorld(this.#world)))
      await rename(beside, this.#path)
    } catch (error) {
      this.#isOwed = true
      throw new StateFileUnwritable(this.#path, error)
    }
  }
}
