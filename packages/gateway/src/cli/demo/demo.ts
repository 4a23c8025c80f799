/**
 * The gateway together with a simulated WeCom, so that everything can be tried without a phone or a customer. Both keep
 * their world in the data directory: a second start goes on where the first one ended.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openSimulator, PuppetPortTaken, type Simulator, StateFileCorrupt } from '@qunhub/simulator'
import { type ExampleRequests, operatorVerbs, type WorkspaceId } from '@qunhub/wire'
import { z } from 'zod'
import type { Config } from '../../config/config.ts'
import { type Gateway, openGateway } from '../../gateway.ts'
import type { Bot } from '../../model/bot.ts'
import { runVerb } from '../../operator/run-verb.ts'
import type { SimulatedWorld } from '../../operator/simulator.ts'
import { listBots } from '../../store/bots/bots.ts'
import { findToken } from '../../store/workspaces/tokens.ts'
import type { Log } from '../../system/log.ts'
import { DataDirUnusable } from '../data-dir.ts'
import { consoleOf } from '../first-owner-code.ts'
import { ensureBots, firstSync, restStrangers } from './demo-bots.ts'
import { demoIntroduction } from './demo-introduction.ts'
import { openDemoReceiver } from './demo-receiver.ts'
import { demoRequests } from './demo-requests.ts'
import { operate } from './operate.ts'
import { simulatedWorld } from './simulated-world.ts'

/** The demo's receiver listens on this machine, where no other gateway sends callbacks unasked (CB-11). */
const LOOPBACK = ['127.0.0.0/8', '::1/128']
const allowingLoopback = (config: Config): Config => ({
  ...config,
  callbackAllowCidrs: [...config.callbackAllowCidrs, ...LOOPBACK],
})

const isLoopback = (host: string): boolean => ['127.0.0.1', '::1', 'localhost'].includes(host)

const WORKSPACE_NAME = '演示'
const TAG_NAME = 'VIP客户群'

/** What other programs need to drive the demo; `<data dir>/demo.json`. */
const DemoNote = z.object({
  baseUrl: z.string(),
  token: z.string(),
  workspaceId: z.string(),
  simulatorUrl: z.string(),
  receiverUrl: z.string(),
  /** The last callback base that a demo set by itself; any other one is somebody's. */
  setUrl: z.string().optional(),
  /** What callbacks are signed with. Notes of before there was a line for it have none. */
  secret: z.string().optional(),
})

type Note = z.infer<typeof DemoNote>

export interface Demo {
  readonly baseUrl: string
  takeLeave(): void
  stop(hurried?: AbortSignal): Promise<void>
}

/** Starts gateway, simulator and receiver, prints how to use them, and from then on prints each callback it hears. */
export async function startDemo(
  config: Config,
  log: Log,
  print: (text: string) => void = console.log,
): Promise<Demo> {
  // The gateway first: it works in the data directory, so a second process is refused before it touches the world.
  let examples: () => ExampleRequests | undefined = () => undefined
  let moved: SimulatedWorld | undefined
  const gateway = await openGateway(allowingLoopback(config), {
    log,
    exampleRequests: () => examples(),
    isSimulated: true,
    simulatedWorld: () => moved,
  })
  const opened: { stop(hurried?: AbortSignal): Promise<void> }[] = [gateway]
  // The gateway first again: its bots detach from a world that is still there, and its last callbacks are still heard.
  const stop = async (hurried?: AbortSignal) => {
    for (const part of opened) await part.stop(hurried)
  }
  try {
    const known = await listBots(gateway.operator.db, gateway.operator.keyring)
    const simulator = await openWorld(config, known, log)
    opened.push(simulator)
    moved = simulatedWorld(simulator.world, simulator.faults)
    const heard = gatherUntilIntroduced(print)
    const workspaceId = await ensureWorkspace(gateway)
    const last = await readNote(config)
    const keptUrl = config.demo.callbackUrl ? undefined : await urlOfOthers(gateway, workspaceId, last)
    const hearsItself = !config.demo.callbackUrl && keptUrl === undefined
    const receiver = hearsItself ? await openDemoReceiver(heard.tell) : null
    if (receiver) opened.push({ stop: () => receiver.close() })

    const setUrl = receiver?.url ?? config.demo.callbackUrl
    const note: Note = {
      baseUrl: gateway.baseUrl,
      token: await ensureToken(gateway, workspaceId, last),
      workspaceId,
      simulatorUrl: simulator.controlUrl,
      receiverUrl: setUrl ?? keptUrl ?? '',
      setUrl: setUrl ?? last?.setUrl,
    }
    // Noted before it is set: a start that breaks off in between must not leave an address that looks like somebody's. Nothing
    // else of it changes: whoever waits for the note wants it whole.
    if (last) await keepNote(config, { ...last, setUrl: note.setUrl })
    if (setUrl !== undefined)
      await operate(gateway, 'set-callback-url', { workspace: workspaceId, url: setUrl })
    const { secret } = await operate(gateway, 'show-callback-secret', { workspace: workspaceId })
    await ensureBots(gateway, workspaceId, simulator, known)
    await restStrangers(gateway, simulator, known)
    await firstSync(gateway, workspaceId, simulator.world.snapshot(), log)
    const tagId = await ensureTag(gateway, workspaceId)

    await keepNote(config, { ...note, secret })
    // The document is public, and shows the token only where nobody else comes.
    if (isLoopback(config.host))
      examples = () => demoRequests({ token: note.token, tagId, world: simulator.world.snapshot() })
    const ofConsole = config.hasConsole ? await consoleOf(config, gateway, log) : null
    const whereToLook = { ofConsole, dataDir: config.dataDir, hearsItself }
    print(demoIntroduction({ ...note, ...whereToLook, tagId, world: simulator.world.snapshot() }))
    heard.introduced()
    return { baseUrl: gateway.baseUrl, takeLeave: () => gateway.takeLeave(), stop }
  } catch (failure) {
    await stop()
    throw failure
  }
}

/** The bots keep their addresses over restarts where their port is still free. */
async function openWorld(config: Config, known: readonly Bot[], log: Log): Promise<Simulator> {
  const options = {
    scene: config.demo.scene,
    controlPort: config.demo.simulatorPort,
    stateFile: join(config.dataDir, `world-${config.demo.scene.replaceAll(/[^A-Za-z0-9_-]/g, '_')}.json`),
    log: (line: string) => log.debug({ part: 'simulator' }, line),
  }
  const lastPort = Number(known.at(-1)?.address.endpoint?.split(':').at(-1) ?? 0)
  try {
    return await openSimulator({ ...options, puppetPort: lastPort })
  } catch (failure) {
    if (failure instanceof StateFileCorrupt) throw new DataDirUnusable(failure.message, { cause: failure })
    if (!(failure instanceof PuppetPortTaken)) throw failure
    return openSimulator({ ...options, puppetPort: 0 })
  }
}

/** Callbacks that arrive before the introduction is printed are told right after it. */
function gatherUntilIntroduced(print: (text: string) => void) {
  let waiting: string[] | null = []
  return {
    tell: (line: string) => void (waiting ? waiting.push(line) : print(line)),
    introduced() {
      waiting?.forEach(line => {
        print(line)
      })
      waiting = null
    },
  }
}

/** An address that somebody set since the last start is his program, and stays. */
async function urlOfOthers(
  gateway: Gateway,
  workspaceId: WorkspaceId,
  last: Note | undefined,
): Promise<string | undefined> {
  // Where no start has come to its end nobody was told that there is an address to set.
  if (!last) return undefined
  const reply = await runVerb('show-callback-address', { workspace: workspaceId }, gateway.operator)
  if (!reply.ok) return undefined
  const { url } = operatorVerbs['show-callback-address'].output.parse(reply.value)
  return url === (last.setUrl ?? last.receiverUrl) ? undefined : url
}

async function ensureWorkspace(gateway: Gateway): Promise<WorkspaceId> {
  const { workspaces } = await operate(gateway, 'list-workspaces', {})
  const found = workspaces.find(workspace => workspace.name === WORKSPACE_NAME)
  return (found ?? (await operate(gateway, 'add-workspace', { name: WORKSPACE_NAME }))).id
}

/** Only its HMAC is in the store, so the token of the last start is found in the note it left. */
async function ensureToken(
  gateway: Gateway,
  workspaceId: WorkspaceId,
  last: Note | undefined,
): Promise<string> {
  const { db, keyring } = gateway.operator
  if (last && (await findToken(db, keyring, last.token))?.workspaceId === workspaceId) return last.token
  return (await operate(gateway, 'issue-token', { workspace: workspaceId, label: 'demo' })).token
}

async function readNote(config: Config): Promise<Note | undefined> {
  try {
    return DemoNote.parse(JSON.parse(await readFile(join(config.dataDir, 'demo.json'), 'utf8')))
  } catch {
    // None yet, or not one of ours: then a new token is issued.
    return undefined
  }
}

const keepNote = (config: Config, note: Note): Promise<void> =>
  writeFile(join(config.dataDir, 'demo.json'), `${JSON.stringify(note, null, 2)}\n`, { mode: 0o600 })

async function ensureTag(gateway: Gateway, workspaceId: WorkspaceId): Promise<string> {
  const { tags } = await operate(gateway, 'list-tags', { workspace: workspaceId })
  const found = tags.find(tag => tag.name === TAG_NAME)
  if (found) return found.id
  const { id } = await operate(gateway, 'add-tag', { workspace: workspaceId, name: TAG_NAME })
  const { chats } = await operate(gateway, 'list-chats', { workspace: workspaceId, limit: 2 })
  if (chats.length > 0) {
    await operate(gateway, 'assign-tag', {
      workspace: workspaceId,
      tag: id,
      chats: chats.map(chat => chat.chatId),
    })
  }
  return id
}
