import assert from 'node:assert/strict'
import { BotState } from '@qunhub/wire'
import type { BotSession } from '../model/bot.ts'

type State = BotSession['state']

// From any state the puppet may log in, log out, ask for a scan, go away, or turn out to be taken by somebody else.
const later: readonly State[] = BotState.options.filter(state => state !== 'new' && state !== 'connecting')

/**
 * Which state may follow which. A bot is new once, and connects for the first time once. The same state may follow with
 * other facts (a fresh QR code, another account, another try), but one that stays occupied has nothing new to tell.
 */
const moves: Readonly<Record<State, readonly State[]>> = {
  new: ['connecting'],
  connecting: later,
  'awaiting-scan': later,
  online: later,
  reconnecting: later,
  offline: later,
  'logged-out': later,
  'wrong-account': later,
  occupied: later.filter(state => state !== 'occupied'),
}

/** The next session; an illegal move is a fault of ours. */
export function move(from: BotSession, to: BotSession): BotSession {
  assert(moves[from.state].includes(to.state), `a session cannot move from ${from.state} to ${to.state}`)
  return to
}
