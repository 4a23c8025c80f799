import type { BotId, UserId, WorkspaceId } from '@qunhub/wire'
import type { Keyring } from '../model/keyring.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import type { Roster } from '../puppet/roster.ts'
import { type BotWithNode, findBotsByUserId, findBotWithNode } from '../store/bots/find-bots.ts'
import type { Database } from '../store/database/database.ts'
import { AbsentBot } from './absent-bot.ts'
import type { Membership } from './membership.ts'

/** Another node, and the door at which it hears its peers. */
export interface Peer {
  readonly id: string
  /** `host:port`. */
  readonly address: string
}

/** Where a request for a bot is carried out. */
export type Place =
  /** Here, with these bots: none that goes by the userId, one, or two that nobody can tell apart. */
  { readonly at: 'here'; readonly bots: HostedBot[] } | { readonly at: 'peer'; readonly peer: Peer }

export interface Places {
  /** The bots of a workspace that go by the userId, wherever they run. Rejects with StoreAway. */
  ofUserId(workspaceId: WorkspaceId, userId: UserId): Promise<Place>
  /** The one bot. */
  ofBot(workspaceId: WorkspaceId, botId: BotId): Promise<Place>
}

export interface PlacesDeps {
  readonly db: Database
  readonly keyring: Keyring
  readonly roster: Pick<Roster, 'byId' | 'byUserId'>
  readonly membership: Pick<Membership, 'id' | 'nodes'>
}

/**
 * Where nobody shares the store everything is here; otherwise the store says who runs a bot. Whether there is such a bot
 * the store says in any case: one that nobody runs at this moment is offline, and not unknown.
 */
export function openPlaces({ db, keyring, roster, membership }: PlacesDeps): Places {
  const here = (bots: HostedBot[]): Place => ({ at: 'here', bots })

  const placeOf = (workspaceId: WorkspaceId, found: BotWithNode): Place => {
    const { botId, nodeId } = found
    if (nodeId === membership.id) return here([roster.byId(workspaceId, botId) ?? new AbsentBot(found)])
    const node = membership.nodes.find(({ id }) => id === nodeId)
    if (!node?.address) return here([new AbsentBot(found)])
    return { at: 'peer', peer: { id: node.id, address: node.address } }
  }

  return {
    async ofUserId(workspaceId, userId) {
      if (!db.isShared) {
        const hosted = roster.byUserId(workspaceId, userId)
        if (hosted.length > 0) return here(hosted)
      }
      const found = await findBotsByUserId(db, keyring, workspaceId, userId)
      if (!db.isShared) return here(found.map(found => new AbsentBot(found)))
      return found.length === 1
        ? placeOf(workspaceId, found[0]!)
        : here(found.map(found => new AbsentBot(found)))
    },
    async ofBot(workspaceId, botId) {
      const hosted = roster.byId(workspaceId, botId)
      if (!db.isShared || hosted) return here(hosted ? [hosted] : [])
      const found = await findBotWithNode(db, keyring, workspaceId, botId)
      return found ? placeOf(workspaceId, found) : here([])
    },
  }
}
