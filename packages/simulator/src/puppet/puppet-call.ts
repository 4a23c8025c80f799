import type { World } from '../world/world.ts'
import type { Bot, Room, Wxid } from '../world/world-state.ts'
import type { KeptPayloads } from './kept-payloads.ts'
import type { PuppetEvent } from './puppet-events.ts'

/** What a call may lean on. `tell` reaches the calling bot's own event stream. */
export interface CallContext {
  world: World
  bot: Bot
  kept: KeptPayloads
  /** A room that this bot may look at: one that it is in, or has just left. */
  readRoom: (wxid: Wxid) => Room
  tell: (event: PuppetEvent) => void
}

/** One puppet call: a request in, a response out; a refusal is thrown as `WeComRefused` or `UnknownId`. */
export interface PuppetCall {
  /** False for the few calls that a logged-out account answers too. */
  readonly needsLogin: boolean
  // The protocol's generated classes share no type; every call states its own in `whenLoggedIn` and `always`.
  readonly answer: (request: never, context: CallContext) => object
}

export const whenLoggedIn = <Request>(
  answer: (request: Request, context: CallContext) => object,
): PuppetCall => ({
  needsLogin: true,
  answer,
})

export const always = <Request>(answer: (request: Request, context: CallContext) => object): PuppetCall => ({
  needsLogin: false,
  answer,
})
