import type { BotRecord } from '@qunhub/wire'
import { toConfirm } from '../frame/acting/confirm.ts'
import type { Words } from '../words/words.ts'

export type Tone = 'ok' | 'wait' | 'bad' | 'mute'

const TONES: Readonly<Record<BotRecord['session']['state'], Tone>> = {
  online: 'ok',
  'awaiting-scan': 'wait',
  connecting: 'mute',
  new: 'mute',
  reconnecting: 'wait',
  offline: 'bad',
  'logged-out': 'bad',
  'wrong-account': 'bad',
  occupied: 'bad',
}

type Session = BotRecord['session']

/** How a bot is, at a glance: connected and yet deaf is no better than away, and looks no better. */
export function standingOf(
  { state, deaf, verification }: Session,
  words: Words['bots'],
): { tone: Tone; word: string } {
  if (verification) return { tone: 'wait', word: words.verification }
  if (deaf && state === 'online') return { tone: 'bad', word: words.deaf }
  return { tone: TONES[state], word: words.states[state] }
}

/** What that means, and what somebody does about it. */
export const sentenceOf = ({ state, deaf }: Session, words: Words['bots']): string =>
  deaf && state === 'online' ? words.sentences.deaf : words.sentences[state]

/** Whether somebody has to do something about it. */
export const needsSomebody = ({ state, deaf, verification }: Session): boolean =>
  verification !== null || deaf !== null || ['bad', 'wait'].includes(TONES[state])

/** By what people know it: its name, else the account that is expected, else its id. */
export const nameOf = ({
  account,
  expectedUserId,
  id,
}: Pick<BotRecord, 'account' | 'expectedUserId' | 'id'>): string => account?.nickName || expectedUserId || id

/** What is typed before it is removed or logged out. */
export const idToType = ({
  account,
  expectedUserId,
  id,
}: Pick<BotRecord, 'account' | 'expectedUserId' | 'id'>): string =>
  toConfirm(account?.userId || expectedUserId || '', id)

/** A page of the web, and nothing that a browser would run. */
export const isWebAddress = (address: string): boolean =>
  /^https?:\/\//i.test(address) && URL.canParse(address)
