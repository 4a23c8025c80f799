import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { grpc, puppet } from '@juzi/wechaty-grpc'
import type { Timers } from '../clock.ts'
import type { Faults } from '../faults/faults.ts'
import type { World } from '../world/world.ts'
import { AccountStarts } from './account-starts.ts'
import type { AskedCalls } from './asked-calls.ts'
import { BotSessions } from './bot-sessions.ts'
import { KeptPayloadsOfBots } from './kept-payloads.ts'
import { LeftRooms } from './left-rooms.ts'
import { puppetService } from './puppet-service.ts'

/** As the stock client and server have it: rooms with many members make large answers. */
const MESSAGE_BYTES_MAX = 80 * 1024 * 1024

/** More than a test of many bots needs; a client that connects in a loop is found out. */
const CONNECTIONS_MAX = 10_000

export interface PuppetServerOptions {
  world: World
  faults: Faults
  asked: AskedCalls
  timers: Timers
  host: string
  port: number
  /** Whether its puppets keep payloads until they are told to forget them. */
  keepsPayloads: boolean
  /** What an answer has to wait for, so that what it speaks of outlives the process; null: nothing. */
  saving: () => Promise<void> | null
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
 *
 * The sockets are ours and are handed to gRPC: asked to shut down by itself, gRPC says goodbye to every client,
 * and then clients see CANCELLED, where a machine that loses its power lets them see UNAVAILABLE.
 */
export class PuppetServer {
  readonly #options: PuppetServerOptions
  readonly #starts: AccountStarts
  readonly #kept: KeptPayloadsOfBots
  readonly #leftRooms: LeftRooms
  readonly #sessions: BotSessions
  readonly #sockets = new Set<Socket>()
  #door: Server | null = null
  #grpcServer: grpc.Server | null = null
  #listening: Promise<void> | null = null
  #closing: Promise<void> = Promise.resolve()
  /** What was asked for last, while the door is still on its way to open or closed. */
  #isWanted = false
  #port: number

  constructor(options: PuppetServerOptions) {
    this.#options = options
    this.#port = options.port
    const { world, faults, timers } = options
    this.#starts = new AccountStarts(world, faults)
    this.#kept = new KeptPayloadsOfBots(world, options.keepsPayloads)
    this.#leftRooms = new LeftRooms(world)
    const resetPeer = (peer: string) => this.#resetPeer(peer)
    this.#sessions = new BotSessions({ world, faults, timers, starts: this.#starts, resetPeer })
  }

  get endpoint(): string {
    return `${this.#options.host}:${this.#port}`
  }

  /** Resolves when the server listens. Asking again while it starts waits for the same start. */
  listen(): Promise<void> {
    this.#isWanted = true
    if (this.#door) return Promise.resolve()
    this.#listening ??= this.#open().finally(() => {
      this.#listening = null
    })
    return this.#listening
  }

  /** Dies at once, as if the machine had lost its power: no call is answered any more. */
  kill(): void {
    this.#isWanted = false
    const [door, grpcServer] = [this.#door, this.#grpcServer]
    this.#door = null
    this.#grpcServer = null
    if (door) this.#closing = closed(door)
    for (const socket of this.#sockets) socket.destroy()
    this.#sessions.closeAll()
    this.#kept.forgetAll()
    grpcServer?.forceShutdown()
  }

  dispose(): void {
    this.kill()
    this.#sessions.dispose()
    this.#kept.dispose()
    this.#leftRooms.dispose()
    this.#starts.dispose()
  }

  #resetPeer(peer: string): void {
    for (const socket of this.#sockets)
      if (`${socket.remoteAddress}:${socket.remotePort}` === peer) socket.resetAndDestroy()
  }

  async #open(): Promise<void> {
    // The port is free again only when the old door has closed.
    await this.#closing
    if (!this.#isWanted) return

    const grpcServer = this.#newGrpcServer()
    const injector = grpcServer.createConnectionInjector(grpc.ServerCredentials.createInsecure())
    const door = createServer(socket => {
      this.#sockets.add(socket)
      // A client that vanishes resets its socket; that is its right and nobody's error.
      socket.on('error', () => {})
      socket.once('close', () => this.#sockets.delete(socket))
      injector.injectConnection(socket)
    })
    door.maxConnections = CONNECTIONS_MAX
    await this.#listenOn(door)
    if (!this.#isWanted) {
      this.#closing = closed(door)
      return
    }

    this.#door = door
    this.#grpcServer = grpcServer
    this.#starts.noteServerStart()
    this.#port = (door.address() as AddressInfo).port
    this.#options.world.endpoint = this.endpoint
  }

  #listenOn(door: Server): Promise<void> {
    return new Promise((resolve, reject) => {
      door.once('error', error => reject(new PuppetPortTaken(this.endpoint, error)))
      door.listen(this.#port, this.#options.host, resolve)
    })
  }

  #newGrpcServer(): grpc.Server {
    const server = new grpc.Server({
      'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
      'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
    })
    const { world, faults, asked, saving, log } = this.#options
    const parts = {
      world,
      faults,
      asked,
      sessions: this.#sessions,
      starts: this.#starts,
      kept: this.#kept,
      leftRooms: this.#leftRooms,
      saving,
      log,
    }
    server.addService(puppet.PuppetService, puppetService(parts))
    return server
  }
}

const closed = (door: Server) => new Promise<void>(resolve => door.close(() => resolve()))
