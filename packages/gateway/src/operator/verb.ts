import type {
  AlertRobotKind,
  Endpoint,
  exit,
  OperatorReply,
  operatorVerbs,
  RefusalOf,
  RoomWxid,
  VerbInput,
  VerbName,
  VerbOutput,
  VerbRefusal,
  WorkspaceId,
} from '@qunhub/wire'
import type { Resolver } from '../contact/resolver.ts'
import type { Bot } from '../model/bot.ts'
import type { OwedCallback } from '../model/callback.ts'
import type { Keyring } from '../model/keyring.ts'
import type { ExamineReceiver, SendTest } from '../model/receiver.ts'
import type { Result } from '../model/result.ts'
import type { RobotAnswer } from '../model/robot-answer.ts'
import type { Workspace } from '../model/workspace.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import type { Roster } from '../puppet/roster.ts'
import type { TryPuppet } from '../puppet/try-puppet.ts'
import type { Database } from '../store/database/database.ts'
import type { LeftChat } from '../store/rooms/rooms.ts'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import type { Random } from '../system/random.ts'
import type { AskedBy } from './audit.ts'
import type { SimulatedWorld } from './simulator.ts'
import type { VetName } from './vet-name.ts'

/** The input breaks the verb's schema; nothing was tried. */
export const MALFORMED = 'malformed'

/** What operators' verbs lean on. */
export interface VerbDeps {
  readonly db: Database
  readonly keyring: Keyring
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Whether callbacks may go to a host (CB-11). */
  readonly vetName: VetName
  /** Posts a test to a receiver (CB-20). */
  readonly sendTest: SendTest
  /** Looks at a receiver, step by step (CB-21). */
  readonly examineReceiver: ExamineReceiver
  /** Looks at a puppet without keeping anything of it (BOT-268). */
  readonly tryPuppet: TryPuppet
  /** What the customer is told of a chat that its bot has left (NB-6). `at` in milliseconds. */
  readonly oweForLeave: (left: LeftChat, at: number) => OwedCallback
  /** Null where a verb runs without a gateway: then the store is all there is. */
  readonly live: LiveParts | null
  /** Who asks, where it is to be written down; a node that asks for another one has done so itself. */
  readonly askedBy?: AskedBy
}

/** The parts of a running gateway that a verb may touch. */
export interface LiveParts {
  readonly roster: Pick<
    Roster,
    'add' | 'all' | 'askForLogin' | 'byId' | 'enterCode' | 'logOut' | 'lookForLogin' | 'remove'
  >
  /** The name of this gateway among the nodes of its store. */
  readonly nodeId: () => string
  /** Aborts when the gateway begins to stop: a verb that waits then answers at once. */
  readonly stopping: AbortSignal
  /** Looks for bots that nobody runs, and runs them. */
  readonly claimBots: () => Promise<void>
  /** What the node says that runs the bot; unheard when it was asked and gave no answer, null when nobody was asked. */
  readonly askItsNode: (bot: Bot, verb: VerbName, input: object) => Promise<OperatorReply | 'unheard' | null>
  /**
   * Asks every other node; those that cannot be reached, or take long, are left out. Null where another node asks: it
   * wants to hear of the bots of this one, and of no others.
   */
  readonly askOthers:
    | ((workspaceId: WorkspaceId, verb: VerbName, input: object) => Promise<OperatorReply[]>)
    | null
  /** Reads everything the bot's puppet knows and owes `loaded` for each room (CB-1). */
  readonly syncBot: (bot: HostedBot) => Promise<unknown>
  /** Reads one of its rooms again, as after an event that names it, and owes what changed. */
  readonly syncRoom: (bot: HostedBot, room: RoomWxid) => Promise<unknown>
  /** Lets a bot that this node runs leave a room, as a customer's `/room/exit` would (EX-20). */
  readonly exitRoom: (bot: HostedBot, room: RoomWxid) => Promise<Result<void, RefusalOf<typeof exit>>>
  /** Null where WeCom's official API is not set. */
  readonly resolver: Pick<Resolver, 'resolve'> | null
  /** Sends the alert address a test alert; null where there is none. */
  readonly testAlert: (() => Promise<RobotAnswer & { readonly kind: AlertRobotKind }>) | null
  /** Additions of the last minute through a bot that this node runs (AM-23). */
  readonly additionsOf: (botId: string) => number
  /** Asks this gateway's own door as a program would, for somebody who tries the API. */
  readonly tryRequest: (asked: {
    readonly workspaceId: WorkspaceId
    readonly endpoint: Pick<Endpoint, 'method' | 'path' | 'requestHeaders'>
    readonly fields: Readonly<Record<string, unknown>>
    readonly idempotencyKey?: string | undefined
    readonly waitSeconds: number
  }) => Promise<Result<VerbOutput<'try-request'>, 'try-unanswered' | 'gateway-not-running'>>
  /** The simulated WeCom that runs beside this gateway: in the demo, once it is there. */
  readonly simulatedWorld: () => SimulatedWorld | undefined
  /** Tells the courier that there is work, so that it does not wait until it asks again. */
  readonly wakeCourier: () => void
}

/**
 * What the runner has chosen before the verb begins: the workspace of whatever belongs to one, the bot where one is named,
 * and of what its node does the bot as this node hosts it.
 */
export type Chosen<N extends VerbName> = ('workspace' extends keyof VerbInput<N>
  ? { readonly workspace: Workspace }
  : unknown) &
  (VerbInput<N> extends { bot: string }
    ? { readonly bot: Bot }
    : 'bot' extends keyof VerbInput<N>
      ? { readonly bot: Bot | undefined }
      : unknown) &
  ((typeof operatorVerbs)[N] extends { runsAt: 'its-node'; withoutNode: object }
    ? { readonly hosted: HostedBot; readonly live: LiveParts }
    : (typeof operatorVerbs)[N] extends { runsAt: 'its-node' }
      ? { readonly hosted: HostedBot | null }
      : unknown)

/** One thing an operator can ask: its input is parsed, its refusals are those that the contract declares. */
export type Verb<N extends VerbName> = (
  asked: Omit<VerbInput<N>, 'workspace' | 'bot'>,
  deps: VerbDeps & Chosen<N>,
) => Promise<Result<VerbOutput<N>, VerbRefusal<N>>>

/** Some of them: those about one noun stand on one page. */
export type Verbs = { readonly [N in VerbName]?: Verb<N> }
