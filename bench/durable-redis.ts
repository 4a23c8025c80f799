import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { findPeer } from './peers.ts'

/** A Redis of its own that syncs every write, and where BullMQ is found. */
export interface Redis {
  readonly where: { readonly port: number; readonly peers: string }
  readonly versions: { readonly redis: string; readonly bullmq: string }
  close(): Promise<void>
}

const TRIES_MAX = 100
const TRY_EVERY_MS = 50

/** Null when there is no redis-server on this machine, or no directory with BullMQ. */
export async function openDurableRedis(home: string): Promise<Redis | null> {
  const bullmq = findPeer('bullmq')
  const version = redisVersion()
  if (bullmq === null || version === null) return null
  const port = await freePort()
  const options = { port, bind: '127.0.0.1', dir: home, save: '', appendonly: 'yes', appendfsync: 'always' }
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
  const server = spawn('redis-server', args, { stdio: 'ignore' })
  await untilOpen(port, server)
  return {
    where: { port, peers: bullmq.peers },
    versions: { redis: version, bullmq: bullmq.version },
    async close() {
      server.kill('SIGTERM')
      await once(server, 'exit')
    },
  }
}

function redisVersion(): string | null {
  try {
    return /v=(\S+)/.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }))?.[1] ?? null
  } catch {
    return null
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function untilOpen(port: number, server: ChildProcess): Promise<void> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    if (server.exitCode !== null) throw new Error('redis-server ended')
    const socket = connect(port, '127.0.0.1')
    const isOpen = await new Promise<boolean>(resolve => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    socket.destroy()
    if (isOpen) return
    await pause(TRY_EVERY_MS)
  }
  throw new Error('redis-server did not open its port')
}
