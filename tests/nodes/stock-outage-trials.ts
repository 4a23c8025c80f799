/**
 * The right column of docs/reliability.md: what the stock client does when its puppet service is killed or frozen, side by
 * side, in about four minutes: `node run-on-node-26.mjs tests/nodes/stock-outage-trials.ts`. No test, because how another
 * program fails is no promise of ours.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { openSimulatorProcess, type SimulatorProcess } from '@qunhub/testing/processes/simulator-process.ts'

interface Said {
  readonly at: number
  readonly what: string
  readonly ms?: number
  readonly message?: string
}

const FIRST_ANSWERS_WITHIN_MS = 40_000

/** `break` breaks the puppet service and mends it again; it resolves when it is back. */
const trials: Readonly<
  Record<string, { break: (simulator: SimulatorProcess) => Promise<unknown>; watchMs: number }>
> = {
  'down 5 s': { break: killedFor(5000), watchMs: 30_000 },
  'down 120 s': { break: killedFor(120_000), watchMs: 20_000 },
  'frozen 40 s': { break: frozenFor(40_000), watchMs: 30_000 },
  'frozen 150 s': { break: frozenFor(150_000), watchMs: 15_000 },
}

function killedFor(ms: number) {
  return async (simulator: SimulatorProcess) => {
    await simulator.kill9()
    await pause(ms)
    await simulator.start()
  }
}

function frozenFor(ms: number) {
  return async (simulator: SimulatorProcess) => {
    simulator.freeze()
    await pause(ms)
    simulator.thaw()
  }
}

async function run(name: string): Promise<void> {
  const simulator = await openSimulatorProcess(world => {
    const bot = world.addBot({ userId: 'xiaobei' })
    world.addRoom({ ownerId: world.addCoworker().wxid, members: [bot.wxid] })
  })
  const home = await mkdtemp(join(tmpdir(), 'qunhub-stock-'))
  const said: Said[] = []
  let client: ChildProcess | undefined
  try {
    const [bot] = (await simulator.change(() => {})).bots.values()
    await simulator.start()
    client = spawn(
      process.execPath,
      [join(import.meta.dirname, 'stock-outage.ts'), simulator.endpoint, bot!.token],
      {
        // It keeps a memory of payloads below its home.
        env: { ...process.env, HOME: home },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
    createInterface({ input: client.stdout! }).on('line', line => void said.push(JSON.parse(line) as Said))
    client.once('exit', code => void said.push({ at: Date.now(), what: `exit ${code}` }))
    await untilAnswered(said)
    const brokenAt = Date.now()
    await trials[name]!.break(simulator)
    const backAt = Date.now()
    await pause(trials[name]!.watchMs)
    console.log(JSON.stringify({ trial: name, ...judge(said, brokenAt, backAt) }))
  } finally {
    if (client && client.exitCode === null) {
      client.kill('SIGKILL')
      await once(client, 'exit')
    }
    await simulator.close()
    await rm(home, { recursive: true, force: true })
  }
}

async function untilAnswered(said: readonly Said[]): Promise<void> {
  const giveUpAt = Date.now() + FIRST_ANSWERS_WITHIN_MS
  while (said.filter(({ what }) => what === 'rooms').length < 2) {
    if (Date.now() > giveUpAt) throw new Error('the stock client did not start')
    await pause(100)
  }
}

function judge(said: readonly Said[], brokenAt: number, backAt: number): object {
  const since = said.filter(({ at }) => at >= brokenAt)
  const after = since.filter(({ at }) => at >= backAt)
  const firstAfter = (what: string) => {
    const first = after.find(each => each.what === what)
    return first ? first.at - backAt : null
  }
  const counts = (some: readonly Said[]) =>
    Object.fromEntries([...Map.groupBy(some, ({ what }) => what)].map(([what, all]) => [what, all.length]))
  const exit = since.find(({ what }) => what.startsWith('exit'))
  return {
    untilBack: counts(since.filter(({ at }) => at < backAt)),
    afterwards: counts(after),
    firstEventMs: firstAfter('heartbeat'),
    firstAnswerMs: firstAfter('rooms'),
    slowestCallMs: Math.max(0, ...since.map(({ ms = 0 }) => ms)),
    ended: exit ? { what: exit.what, afterMs: exit.at - brokenAt } : null,
    messages: [...new Set(since.flatMap(({ message }) => message ?? []))].slice(0, 5),
  }
}

await Promise.all(Object.keys(trials).map(run))
