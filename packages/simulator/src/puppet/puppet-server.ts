import { setTimeout as sleep } from 'node:timers/promises'
import { grpc, puppet } from '@juzi/wechaty-grpc'
import type { Timers } from '../clock.ts'
import type { Faults } from '../faults/faults.ts'
import type { World } from '../world/world.ts'
import { BotSessions } from './bot-sessions.ts'
import { puppetService } from './puppet-service.ts'

/** As the stock client and server have it: rooms with many members make large answers. */
const MESSAGE_BYTES_MAX = 80 * 1024 * 1024

/** The operating system frees the port of a killed server a moment later; look again this often. */
const BIND_TRIES_MAX = 40
const BIND_RETRY_MS = 25

export interface PuppetServerOptions {
  world: World
  faults: Faults
  timers: Timers
  host: string
  port: number
  log: (line: string) => void
}

export class PuppetPortTaken extends Error {
  override readonly name = 'PuppetPortTaken'

  constructor(address: string, cause: unknown) {
    super(`无法监听 ${address} (cannot listen on ${address})`, { cause })
  }
}

/**
 * One gRPC server for all bots; the token of a call says which bot it is for.
 * It listens, may be killed and listen again on the same port any number of times, and is disposed of once.
 */
export class PuppetServer {
  readonly #options: PuppetServerOptions
  readonly #sessions: BotSessions
  #server: grpc.Server | null = null
  #listening: Promise<void> | null = null
  #isDisposed = false
  #port: number

  constructor(options: PuppetServerOptions) {
    this.#options = options
    this.#port = options.port
    this.#sessions = new BotSessions(options.world, options.faults, options.timers)
  }

  get endpoint(): string {
    return `${this.#options.host}:${this.#port}`
  }

  /** Resolves when the server listens. Asking again while it starts waits for the same start. */
  listen(): Promise<void> {
    if (this.#server) return Promise.resolve()
    this.#listening ??= this.#bind().finally(() => {
      this.#listening = null
    })
    return this.#listening
  }

  /** Dies at once, as if the machine had lost its power: no call is answered any more. */
  kill(): void {
    this.#server?.forceShutdown()
    this.#server = null
    this.#sessions.closeAll()
  }

  dispose(): void {
    this.#isDisposed = true
    this.kill()
    this.#sessions.dispose()
  }

  async #bind(): Promise<void> {
    for (let tries = 1; !this.#isDisposed; tries++) {
      const server = this.#newServer()
      try {
        this.#port = await bind(server, this.endpoint)
        if (this.#isDisposed) return server.forceShutdown()
        this.#server = server
        this.#options.world.endpoint = this.endpoint
        return
      } catch (error) {
        server.forceShutdown()
        if (tries === BIND_TRIES_MAX) throw new PuppetPortTaken(this.endpoint, error)
        await sleep(BIND_RETRY_MS)
      }
    }
  }

  #newServer(): grpc.Server {
    const server = new grpc.Server({
      'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
      'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
    })
    const { world, faults, log } = this.#options
    server.addService(puppet.PuppetService, puppetService({ world, faults, sessions: this.#sessions, log }))
    return server
  }
}

function bind(server: grpc.Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error)
      else resolve(port)
    })
  })
}
