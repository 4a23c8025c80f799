import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** A process of a benchmark that answers each message with one. */
export interface Child {
  ask<T>(what: unknown): Promise<T>
  end(): Promise<void>
}

/** Starts it and waits for its first message. Rejects when it ends before it says something. */
export async function openChild<T>(file: string, given: unknown): Promise<Child & { readonly opened: T }> {
  const child = fork(join(import.meta.dirname, file), [JSON.stringify(given)])
  const opened = await next<T>(child)
  return {
    opened,
    ask(what) {
      const answer = next<never>(child)
      child.send(what as object)
      return answer
    },
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

/** Its next message. Rejects when it ends first. */
export function next<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error(`${child.spawnfile} ${child.spawnargs.join(' ')} ended`))
    child.once('exit', onExit)
    child.once('message', said => {
      child.off('exit', onExit)
      resolve(said as T)
    })
  })
}
