import { BotState } from '@qunhub/wire'
import type { BotSession, RecoveryStage } from '../model/bot.ts'
import type { StoreLoad } from '../store/database/database.ts'
import type { OutboxMeasure } from '../store/outbox/measure-outbox.ts'
import type { BotCensus } from './bot-census.ts'
import { type Instruments, STAGES } from './instruments.ts'

/** What the gauges show at the moment of reading. */
export interface MetricSources {
  readonly sessions: () => readonly BotSession['state'][]
  /** The stages of recovery of the bots that are deaf. */
  readonly deaf: () => readonly RecoveryStage[]
  /** Null while the store does not say. */
  readonly census: () => Promise<BotCensus | null>
  /** Likewise. */
  readonly outbox: () => Promise<OutboxShown | null>
  readonly nodes: () => number
  readonly isIn: () => boolean
  readonly load: () => StoreLoad
}

/** What waits for all addresses together, and who is late; ages in milliseconds. */
export interface OutboxShown extends Omit<OutboxMeasure, 'oldestOwedAt' | 'oldestOfAddresses'> {
  readonly oldestMs: number
  readonly late: readonly {
    readonly workspaceId: string
    readonly addressId: string
    readonly oldestMs: number
  }[]
}

/** Shows what is true at the moment of each reading. */
export function showSources(
  { gauge }: Instruments,
  { sessions, deaf, census, outbox, nodes, isIn, load }: MetricSources,
): void {
  const whatWaits = {
    qunhub_callbacks_held: {
      help: 'Callbacks that wait for their turn, a retry or a receiver; 20,001 of an address at most',
      read: ({ held }: OutboxShown) => held,
    },
    qunhub_callbacks_held_bytes: {
      help: 'Bytes of their bodies, estimated by the oldest of each address',
      read: ({ heldBytes }: OutboxShown) => heldBytes,
    },
    qunhub_callbacks_oldest_seconds: {
      help: 'How long the oldest of them has waited; 0 when nothing waits',
      read: ({ oldestMs }: OutboxShown) => oldestMs / 1000,
    },
  }
  for (const [name, { help, read }] of Object.entries(whatWaits)) {
    gauge(name, `${help}. Not shown while the store is away`, [], async self => {
      const shown = await outbox()
      // Without labels a reset would show 0, which says that nothing waits.
      if (shown) self.set(read(shown))
      else self.remove()
    })
  }
  gauge(
    'qunhub_callbacks_oldest_of_address_seconds',
    'How long the oldest callback of an address has waited, of the 20 addresses where it is longest, from 10 s on. Not shown while the store is away',
    ['workspace', 'address'],
    async self => {
      self.reset()
      for (const { workspaceId, addressId, oldestMs } of (await outbox())?.late ?? [])
        self.set({ workspace: workspaceId, address: addressId }, oldestMs / 1000)
    },
  )
  gauge(
    'qunhub_callback_addresses',
    'Callback addresses by the state of their breaker. Not shown while the store is away',
    ['breaker'],
    async self => {
      self.reset()
      for (const [breaker, addresses] of Object.entries((await outbox())?.addresses ?? {}))
        self.set({ breaker }, addresses)
    },
  )
  gauge('qunhub_bots', 'Bots that this node runs, by state', ['state'], self => {
    for (const state of BotState.options) self.set({ state }, 0)
    for (const state of sessions()) self.inc({ state })
  })
  gauge(
    'qunhub_bots_deaf',
    'Bots that this node runs, that are connected and hear nothing, by the stage of their recovery',
    ['stage'],
    self => {
      for (const stage of STAGES) self.set({ stage }, 0)
      for (const stage of deaf()) self.inc({ stage })
    },
  )
  gauge(
    'qunhub_claimed_bots',
    'Bots in the store, by who has claimed them: this node, other nodes, nobody. Not shown while the store is away',
    ['by'],
    async self => {
      self.reset()
      for (const [by, bots] of Object.entries((await census()) ?? {})) self.set({ by }, bots)
    },
  )
  gauge('qunhub_nodes', 'Nodes that this one knows to be alive, itself included', [], self => {
    self.set(nodes())
  })
  gauge(
    'qunhub_lease_valid',
    '1 while this node may act for its bots, 0 while others may be taking them over',
    [],
    self => {
      self.set(isIn() ? 1 : 0)
    },
  )
  gauge(
    'qunhub_store_connections',
    'Connections to the store (open, and of those idle), and the reads and writes that wait for one',
    ['state'],
    self => {
      const { connections, idle, waiting } = load()
      self.set({ state: 'open' }, connections)
      self.set({ state: 'idle' }, idle)
      self.set({ state: 'waiting' }, waiting)
    },
  )
}
