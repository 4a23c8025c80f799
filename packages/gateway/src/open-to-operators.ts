/** What operators ask: what their verbs lean on while the gateway runs, here and through other nodes. */
import { OperatorReply, type UserId, type VerbName, type WorkspaceId } from '@qunhub/wire'
import { createExaminer } from './callback/examine-receiver.ts'
import { openTestSender } from './callback/send-test.ts'
import { oweForLeave } from './chatroom/owe.ts'
import type { Config } from './config/config.ts'
import { openWecomApi } from './contact/official-api.ts'
import { createResolver } from './contact/resolver.ts'
import { askOthers } from './http/ask-others.ts'
import type { Peers } from './http/ask-peer.ts'
import type { AddressGuard } from './model/address-guard.ts'
import type { Keyring } from './model/keyring.ts'
import { resolveName } from './model/resolve-name.ts'
import type { Membership } from './node/membership.ts'
import type { Places } from './node/places.ts'
import type { HostingParts } from './open-hosting.ts'
import { createRemovals } from './operator/removals.ts'
import type { LiveParts, VerbDeps } from './operator/verb.ts'
import { createNameVetting } from './operator/vet-name.ts'
import { createPuppetTrier } from './puppet/try-puppet.ts'
import { exit } from './room/exit.ts'
import type { RoomDeps } from './room/room-deps.ts'
import type { Database } from './store/database/database.ts'
import type { Clock } from './system/clock.ts'
import type { Log } from './system/log.ts'
import type { Parts } from './system/parts.ts'
import { hex24, type Random } from './system/random.ts'

export interface OperatorsDeps {
  readonly config: Config
  readonly db: Database
  readonly keyring: Keyring
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly isOwnTime: boolean
  readonly guard: AddressGuard
  readonly membership: Membership
  readonly hosting: HostingParts
  readonly places: Places
  readonly peers: Peers | null
  readonly room: RoomDeps
  readonly stopping: AbortSignal
  readonly wakeCourier: () => void
  readonly tryRequest: LiveParts['tryRequest']
  readonly simulatedWorld?: LiveParts['simulatedWorld']
}

/** What verbs lean on that are asked of this node, `here`, and of those that another node asks of it. */
export function openToOperators(parts: Parts, deps: OperatorsDeps): { here: VerbDeps; forPeers: VerbDeps } {
  const { config, db, keyring, clock, random, log, guard, hosting } = deps
  const { roster, runner, syncBot, syncRoom, testAlert } = hosting
  const wecom = config.wecom && parts.opened(openWecomApi(config.wecom, clock))
  const resolver = wecom ? parts.atWork(createResolver({ db, clock, log, api: wecom })) : null
  const live: LiveParts = {
    ...{
      roster,
      syncBot,
      syncRoom,
      testAlert,
      resolver,
      stopping: deps.stopping,
      wakeCourier: deps.wakeCourier,
    },
    ...throughOtherNodes(deps),
    tryRequest: deps.tryRequest,
    simulatedWorld: deps.simulatedWorld ?? (() => undefined),
    nodeId: () => deps.membership.id,
    claimBots: () => runner.round(),
    additionsOf: botId => deps.room.pace.count(botId),
    exitRoom: (bot, roomWxid) =>
      bot.onErrand(() => {
        const { workspaceId } = bot.tenure
        const wecomUserId = (bot.account?.userId ?? bot.bot.id) as UserId
        return exit(
          { wecomUserId, roomWxid },
          { workspaceId },
          { ...deps.room, roster: { byUserId: () => [bot] } },
        )
      }),
  }
  const oweAt: VerbDeps['oweForLeave'] = (left, at) => oweForLeave(left, deps.isOwnTime ? at : left.storedAt)
  parts.atWork(createRemovals({ db, clock, log, oweForLeave: oweAt, wakeCourier: deps.wakeCourier }))
  const here: VerbDeps = {
    ...{ db, keyring, clock, random, log, live },
    vetName: createNameVetting(guard, clock),
    sendTest: parts.opened(openTestSender({ clock, random, guard, ca: config.callbackCa })).send,
    examineReceiver: createExaminer({ clock, random, guard, ca: config.callbackCa }),
    tryPuppet: createPuppetTrier({
      ...{ clock, resolve: resolveName, deadlineMs: config.puppetDeadlineMs, ca: config.puppetCa },
    }),
    oweForLeave: oweAt,
  }
  // Asked by a peer, it does not ask another one.
  return { here, forPeers: { ...here, live: { ...live, askItsNode: async () => null, askOthers: null } } }
}

function throughOtherNodes({
  peers,
  places,
  membership,
  clock,
  random,
}: OperatorsDeps): Pick<LiveParts, 'askItsNode' | 'askOthers'> {
  const asking = (workspaceId: WorkspaceId, verb: VerbName, body: object) => ({
    path: `/operator/${verb}`,
    workspaceId,
    body,
    requestId: hex24(random),
  })
  return {
    async askItsNode({ workspaceId, id }, verb, input) {
      const place = await places.ofBot(workspaceId, id)
      if (place.at === 'here' || !peers) return null
      const answer = await peers.ask(place.peer, {
        ...asking(workspaceId, verb, input),
        ...('waitSeconds' in input ? { atOnce: { body: { ...input, waitSeconds: 0 } } } : {}),
      })
      if (answer.heard === 'nothing') return 'unheard'
      return answer.heard === 'answer' ? OperatorReply.parse(JSON.parse(answer.bytes.toString())) : null
    },
    askOthers: async (workspaceId, verb, input) =>
      peers ? askOthers({ peers, membership, clock }, asking(workspaceId, verb, input)) : [],
  }
}
