import type { BotId, ContactWxid, UserId, WorkspaceId } from '@qunhub/wire'

/** Which world the hosted account lives in; only WeCom accounts may add, create and exit (AM-4, CR-4, EX-5). */
export type BotKind = 'wecom' | 'wechat'

/** Who a bot turned out to be when it logged in; kept over restarts and while it is offline. */
export interface BotAccount {
  readonly wxid: ContactWxid
  readonly userId: UserId
  readonly nickName: string
  readonly avatarUrl: string
  readonly kind: BotKind
}

/** Where a bot's puppet service is found: at an endpoint, or wherever the authority that sold its token says. */
export type PuppetAddress = PuppetSecret &
  (
    | {
        /** `host:port`. */
        readonly endpoint: string
        readonly discovery?: null
      }
    | {
        readonly endpoint: null
        /** `host` or `host:port` of the authority. */
        readonly discovery: string
      }
  )

interface PuppetSecret {
  readonly token: string
  /** Plain text is for loopback and private links. */
  readonly tls: boolean
}

/** A puppet service that can be connected to now. */
export type FoundPuppet = PuppetSecret & { readonly endpoint: string }

/** A bot as the store keeps it. */
export interface Bot {
  readonly workspaceId: WorkspaceId
  readonly id: BotId
  readonly address: PuppetAddress
  /** The userId that the operator expects, so that the bot can be named before its first login. */
  readonly expectedUserId: UserId | null
  readonly account: BotAccount | null
  readonly createdAt: number
}

/** The right to run a bot, as it was claimed. */
export interface Tenure {
  readonly workspaceId: WorkspaceId
  readonly botId: BotId
  /** Grows with every claim, so that what an earlier node still wants to write is refused. */
  readonly fence: number
}

/** A bot that this node has claimed. */
export interface ClaimedBot {
  readonly bot: Bot
  readonly fence: number
  /**
   * Whether the bot starts, so that all its rooms are owed as `loaded` (CB-1). Not when it only changes its node: whoever
   * claims it was there already when it became free, and its last node had finished its start.
   */
  readonly starting: boolean
  readonly past: BotPast
}

/** What whoever ran a bot before knew of its connection, be it this process or one that was killed. */
export interface BotPast {
  /** It had an event stream of ours, or tried to; its puppet may hold it still. */
  readonly hadStream: boolean
  /** Its puppet has been heard to answer a ding: one that stays unanswered says something (BOT-181). */
  readonly answersDings: boolean
  /** Since when it is deaf; null: it is not, as far as was known. */
  readonly deafSince: number | null
}

/** Of a bot that nobody has run yet. */
export const NO_PAST: BotPast = { hadStream: false, answersDings: false, deafSince: null }

/** Whether a stream of ours may be left of a bot in this state: not where somebody else had the only one. */
export const mayLeaveStream = (state: BotSession['state']): boolean => state !== 'new' && state !== 'occupied'

/** What is being done about a bot that is connected and hears nothing; see `bot/hearing.ts`. */
export type RecoveryStage = 'new-stream' | 'start-again' | 'operator'

export interface Deafness {
  /** When it was last known to hear, in milliseconds. */
  readonly since: number
  readonly stage: RecoveryStage
}

/**
 * The life of a bot. Each state has the facts of its state; times are milliseconds.
 *
 *   new → connecting → awaiting-scan → online → reconnecting → offline | logged-out | wrong-account | occupied
 */
export type BotSession =
  | { readonly state: 'new' }
  | { readonly state: 'connecting'; readonly since: number }
  | {
      readonly state: 'awaiting-scan'
      readonly since: number
      /** What to scan; whoever does so becomes the bot, so it is shown and never kept or logged. */
      readonly qrcode: string
      readonly givenAt: number
      readonly scan: ScanProgress
    }
  | { readonly state: 'online'; readonly since: number; readonly account: BotAccount }
  | {
      readonly state: 'reconnecting'
      readonly since: number
      readonly attempt: number
      readonly reason: string
      readonly nextTryAt: number
      readonly deaf?: Deafness
    }
  | {
      readonly state: 'offline'
      readonly since: number
      readonly reason: string
      readonly deaf?: Deafness
      /** The last that was known of the account: a puppet that comes back would have to show a code. */
      readonly isLoggedOut?: true
    }
  | { readonly state: 'logged-out'; readonly since: number; readonly reason: string }
  /** Somebody scanned with another account than the operator's; see `expected-account.ts`. */
  | {
      readonly state: 'wrong-account'
      readonly since: number
      readonly account: BotAccount
      readonly reason: string
    }
  /** Another client holds the puppet's only event stream (gRPC code 6). */
  | { readonly state: 'occupied'; readonly since: number; readonly nextTryAt: number }

/** How far somebody has come with a QR code, as the puppet says. */
export type ScanProgress = 'waiting' | 'scanned' | 'confirmed' | 'cancelled' | 'timed-out'

/** A step of a bot's life, as it is told and kept. */
export interface BotMove {
  readonly from: BotSession['state']
  readonly to: BotSession
  /** When it happened, however late it is kept. */
  readonly at: number
  /** Grows with each move of any bot in this process, so that a move that is told again is known by it. */
  readonly seq: number
  /** So many moves just before this one were given up, because too many waited for the store. */
  readonly missed: number
}

/** The facts of a session that may be kept and shown: no QR code. */
export interface SessionFacts {
  /** Empty where there is nothing to say. */
  readonly reason: string
  /** Who is online, or logged in instead of the bot's account. */
  readonly wxid: ContactWxid | null
  /** The how-manieth try to reconnect it is. */
  readonly attempt: number | null
  readonly scan: ScanProgress | null
}

export const factsOf = (session: BotSession): SessionFacts => ({
  reason: 'reason' in session ? session.reason : '',
  wxid: 'account' in session ? session.account.wxid : null,
  attempt: session.state === 'reconnecting' ? session.attempt : null,
  scan: session.state === 'awaiting-scan' ? session.scan : null,
})

/** Null when the bot hears, or is not there for another reason. */
export const deafnessOf = (session: BotSession): Deafness | null =>
  'deaf' in session ? (session.deaf ?? null) : null

/** EX-4: never logged in, or waiting for a scan (again), also where the puppet has gone away meanwhile. */
export const isLoggedIn = (session: BotSession, account: BotAccount | null): boolean => {
  switch (session.state) {
    case 'awaiting-scan':
    case 'logged-out':
    case 'wrong-account':
      return false
    case 'online':
      return true
    case 'offline':
      return account !== null && !session.isLoggedOut
    case 'new':
    case 'connecting':
    case 'reconnecting':
    case 'occupied':
      return account !== null
    default:
      return session satisfies never
  }
}
