import type { AttemptRecord, CallbackRecord } from '@qunhub/wire'
import { failureWords } from '@qunhub/wire/words'
import type { Language } from '../preferences/preferences.ts'
import { inLanguage } from '../words/in-language.ts'
import type { Words } from '../words/words.ts'

export type Tone = 'ok' | 'wait' | 'bad' | 'mute'

export function toneOf({ state, attempts }: Pick<CallbackRecord, 'state' | 'attempts'>): Tone {
  if (state === 'delivered') return 'ok'
  if (state === 'due') return attempts > 0 ? 'wait' : 'mute'
  return 'bad'
}

/** What a callback is about to do or came to, in a few words. */
export function sentenceOf(callback: CallbackRecord, now: number, words: Words['callbacks']): string {
  const { state, attempts, dueAt } = callback
  const last = lastOf(callback)
  switch (state) {
    case 'delivered':
      return words.deliveredAt(attempts)
    case 'due': {
      if (attempts === 0) return words.waitsForFirst
      const seconds = dueAt === null ? 0 : Math.max(0, dueAt - now) / 1000
      return words.triedAgain(
        attempts,
        last,
        seconds >= 10 ? String(Math.round(seconds)) : seconds.toFixed(1),
      )
    }
    case 'parked':
      return words.parkedFor(attempts, last)
    case 'quarantined':
      return words.quarantinedFor
    default:
      return state satisfies never
  }
}

/** The status of the last attempt, or why it had no answer. */
export const lastOf = ({
  lastStatus,
  lastError,
}: Pick<CallbackRecord, 'lastStatus' | 'lastError'>): string =>
  lastStatus === null ? (lastError ?? '') : String(lastStatus)

/** Why an attempt had no answer, in the language that was chosen. */
export function whyNoAnswer({ errorClass, reason }: AttemptRecord, language: Language): string {
  if (reason === null) return errorClass ?? ''
  return `${errorClass ?? ''}: ${inLanguage(failureWords(reason), language)}`
}

/** What to do about an attempt that was refused, by its status or its cause; undefined where the number says all there is. */
export function adviceFor(callback: CallbackRecord, words: Words['callbacks']): string | undefined {
  if (callback.state === 'delivered' || callback.attempts === 0) return undefined
  const key = lastOf(callback) as keyof Words['callbacks']['advice']
  return Object.hasOwn(words.advice, key) ? words.advice[key] : undefined
}
