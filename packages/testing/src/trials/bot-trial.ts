/** The stage of the driver's tests: a simulated WeCom, a roster that hosts its bots, and everything the roster said. */
import {
  openSimulator,
  type Bot as SimulatedBot,
  type Simulator,
  type Timers,
  type World,
} from '@qunhub/simulator'
import { BotId, type RoomWxid, UserId, WorkspaceId } from '@qunhub/wire'
import { type Bot, type BotSession, type ClaimedBot, NO_PAST } from '../../../gateway/src/model/bot.ts'
import { type BotMeter, silentBotMeter } from '../../../gateway/src/puppet/bot-meter.ts'
import {
  type BotHint,
  type HostedBot,
  openRoster,
  type Roster,
  type RosterHandlers,
} from '../../../gateway/src/puppet/roster.ts'
import { type Clock, systemClock } from '../../../gateway/src/system/clock.ts'
import { type Log, silentLog } from '../../../gateway/src/system/log.ts'
import { hex24, systemRandom } from '../../../gateway/src/system/random.ts'
import { eventually } from '../eventually.ts'

export const WORKSPACE = WorkspaceId.parse('0123456789abcdef01234567')
/** Long enough for a busy machine, short enough for a test that waits for it. */
export const CALL_DEADLINE_MS = 1500

/** A roster whose handlers take notes. What a test adds to a handler runs after its note. */
export interface NotedRoster {
  readonly roster: Roster
  /** `login`, `resync <reason>` and hints as `<why> <id>`, in the order in which they were begun. */
  readonly heard: string[]
  readonly sessions: BotSession[]
  host(bot: SimulatedBot, changes?: Partial<Bot>): HostedBot
}

export interface Trial extends NotedRoster {
  readonly simulator: Simulator
  readonly world: World
  /** Another roster on the same simulator, as another process would have it. */
  another(options?: RosterOptions): NotedRoster
  close(): Promise<void>
}

export interface RosterOptions {
  readonly clock?: Clock
  readonly log?: Log
  readonly handlers?: Partial<RosterHandlers>
  readonly meter?: BotMeter
  readonly puppetCa?: string
  /** More where a puppet says so much that a busy machine takes seconds to say it. */
  readonly callDeadlineMs?: number
}

export interface TrialOptions extends RosterOptions {
  /** What the simulator's heartbeats go by; by default real time. */
  readonly timers?: Timers
}

export async function openTrial({ timers, ...options }: TrialOptions = {}): Promise<Trial> {
  const simulator = await openSimulator({ scene: 'empty', ...(timers && { timers }) })
  const rosters: Roster[] = []
  const another = (anotherOptions: RosterOptions = {}) => {
    const noted = openNotedRoster(simulator.endpoint, anotherOptions)
    rosters.push(noted.roster)
    return noted
  }
  return {
    ...another(options),
    simulator,
    world: simulator.world,
    another,
    async close() {
      for (const roster of rosters) await roster.stop()
      await simulator.stop()
    },
  }
}

export function openNotedRoster(
  endpoint: string,
  {
    clock = systemClock,
    log = silentLog,
    handlers = {},
    meter = silentBotMeter,
    puppetCa,
    callDeadlineMs = CALL_DEADLINE_MS,
  }: RosterOptions = {},
): NotedRoster {
  const heard: string[] = []
  const sessions: BotSession[] = []
  const roster = openRoster({
    clock,
    log,
    random: systemRandom,
    meter,
    callDeadlineMs,
    puppetCa,
    reconnectMs: { min: 10, max: 50 },
    handlers: {
      async onAccount(bot, account, signal) {
        return (await handlers.onAccount?.(bot, account, signal)) ?? true
      },
      async onLogin(bot, account, signal) {
        heard.push('login')
        await handlers.onLogin?.(bot, account, signal)
        if (!signal.aborted) bot.endStart()
      },
      beforeResync: async (bot, reason, signal) => handlers.beforeResync?.(bot, reason, signal),
      async onResync(bot, reason, signal) {
        heard.push(`resync ${reason}`)
        await handlers.onResync?.(bot, reason, signal)
      },
      async onHint(bot, hint, signal) {
        heard.push(noteOf(hint))
        await handlers.onHint?.(bot, hint, signal)
      },
      onDingAnswered: async bot => handlers.onDingAnswered?.(bot),
      onHearing: (bot, news) => handlers.onHearing?.(bot, news),
      onVerification: (bot, news) => handlers.onVerification?.(bot, news),
      async onSession(bot, session, move) {
        sessions.push(session)
        await handlers.onSession?.(bot, session, move)
      },
    },
  })
  return {
    roster,
    heard,
    sessions,
    host: (bot, changes) => roster.add(claimed({ ...botRow(endpoint, bot.token), ...changes })),
  }
}

/** A bot as the store would hand it over. */
export const botRow = (endpoint: string, token: string): Bot => ({
  workspaceId: WORKSPACE,
  id: BotId.parse(hex24(systemRandom)),
  address: { endpoint, token, tls: false },
  expectedUserId: UserId.parse('expected'),
  account: null,
  createdAt: 0,
})

/** As it would be at the start of the only node. */
export const claimed = (bot: Bot): ClaimedBot => ({ bot, fence: 1, starting: true, past: NO_PAST })

export const becomes = (bot: HostedBot, state: BotSession['state'], withinMs?: number): Promise<unknown> =>
  eventually(`the bot to be ${state}`, () => bot.session.state === state, withinMs)

/** Resolves when the notes hold `note`, so many times. */
export const hears = ({ heard }: Pick<NotedRoster, 'heard'>, note: string, times = 1): Promise<unknown> =>
  eventually(`${times} × ${note}`, () => heard.filter(each => each === note).length >= times)

/** The worlds of simulator and gateway name the same things; only the latter brands the names. */
export const asRoom = (wxid: string): RoomWxid => wxid as RoomWxid

function noteOf(hint: BotHint): string {
  switch (hint.kind) {
    case 'room-changed':
      return `${hint.why} ${hint.roomWxid}`
    case 'contact-changed':
      return `contact ${hint.contactWxid}`
    case 'room-invite':
      return `invitation ${hint.invitationId}`
    default:
      return hint satisfies never
  }
}
