import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { operatorVerbs, type VerbName, type VerbOutput } from '@qunhub/wire'
import { openTestSender } from '../../../gateway/src/callback/send-test.ts'
import { oweForLeave } from '../../../gateway/src/chatroom/owe.ts'
import { openOperatorDoor } from '../../../gateway/src/http/doors/operator-door.ts'
import { readMasterKey } from '../../../gateway/src/master-key.ts'
import type { Keyring } from '../../../gateway/src/model/keyring.ts'
import { createNameVetting } from '../../../gateway/src/operator/vet-name.ts'
import { openStore, type Store } from '../../../gateway/src/store/database/open-store.ts'
import { systemClock } from '../../../gateway/src/system/clock.ts'
import { silentLog } from '../../../gateway/src/system/log.ts'
import { systemRandom } from '../../../gateway/src/system/random.ts'
import { type CliRun, runCliProcess } from '../processes/cli-process.ts'
import { runCliHere } from '../processes/run-cli-here.ts'
import { LOOPBACK, loopbackGuard, publicNamesGuard } from '../receivers/loopback.ts'

/** An operator at the command line, with a data directory of their own that does not exist yet. */
export interface Desk {
  readonly dataDir: string
  /** Runs a command, in this process wherever that shows the same; its arguments hold no spaces. */
  cli(args: string, env?: Record<string, string>): Promise<CliRun>
  /** Runs it as the shell does, in a process of its own, which takes a second of work. */
  cliProcess(args: string, env?: Record<string, string>): Promise<CliRun>
  /** Runs it with --json and holds its output against what the contract says of the verb. Throws what stderr says. */
  json<N extends VerbName>(verb: N, args: string): Promise<VerbOutput<N>>
  /** Works in the data directory in this process, as another command would. */
  holdDataDir(): Promise<{ store: Store; keyring: Keyring }>
  /** Works in it and opens the door, as a gateway does. */
  openDoor(): Promise<void>
  /** To be called when the desk closes, last come first served. */
  atEnd(close: () => Promise<void>): void
  close(): Promise<void>
}

export async function openDesk(): Promise<Desk> {
  const home = await mkdtemp(join(tmpdir(), 'qunhub-desk-'))
  const dataDir = join(home, 'data')
  const closing: (() => Promise<void>)[] = []

  const settings = { QUNHUB_DATA_DIR: dataDir, QUNHUB_CALLBACK_ALLOW_CIDRS: LOOPBACK }
  const cliProcess: Desk['cliProcess'] = (args, env = {}) =>
    runCliProcess(args.split(' '), { ...settings, ...env })
  // `serve` listens for signals and belongs in a process of its own, however soon it ends.
  const cli: Desk['cli'] = (args, env = {}) =>
    args === 'serve' ? cliProcess(args, env) : runCliHere(args, { ...settings, ...env })

  const holdDataDir: Desk['holdDataDir'] = async () => {
    const keyring = await readMasterKey({ dataDir, secretKey: undefined })
    const store = await openStore({ dataDir })
    closing.push(() => store.close())
    return { store, keyring }
  }

  return {
    dataDir,
    cli,
    cliProcess,
    holdDataDir,
    async json(verb, args) {
      const { exitCode, stdout, stderr } = await cli(`${args} --json`)
      if (exitCode !== 0 || stderr !== '') throw new Error(`${args} exited with ${exitCode}: ${stderr}`)
      const value: unknown = JSON.parse(stdout)
      const declared = operatorVerbs[verb].output.parse(value)
      if (JSON.stringify(declared) !== JSON.stringify(value))
        throw new Error(`${args} printed more than ${verb} declares`)
      return value as never
    },
    async openDoor() {
      const { store, keyring } = await holdDataDir()
      const tests = openTestSender({ clock: systemClock, random: systemRandom, guard: loopbackGuard })
      closing.push(() => tests.close())
      const deps = {
        db: store.db,
        keyring,
        clock: systemClock,
        random: systemRandom,
        log: silentLog,
        vetName: createNameVetting(publicNamesGuard, systemClock),
        sendTest: tests.send,
        tryPuppet: async () => null,
        examineReceiver: async () => null,
        oweForLeave,
        live: null,
      }
      const door = await openOperatorDoor({ dataDir, deps, log: silentLog })
      closing.push(() => door.close())
    },
    atEnd: close => void closing.push(close),
    async close() {
      for (const close of closing.toReversed()) await close()
      await rm(home, { recursive: true })
    },
  }
}
