import type { AttemptRecord, CallbackRecord } from '@qunhub/wire'
import { failureWords, receiverAdvice } from '@qunhub/wire/words'
import type { Language } from '../preferences/preferences.ts'
import { inLanguage } from '../words/in-language.ts'
import type { Words } from '../words/words.ts'

export type Tone = 'ok' | 'wait' | 'bad' | 'mute'

export function toneOf({ state, attempts }: Pick<CallbackRecord, 'state' | 'attempts'>): Tone {
  if (state === 'delivered') return 'ok'
  if (state === 'due') return attempts > 0 ? 'wait' : 'mute'
  return 'bad'
}

const MINUTE_MS = 60_000

/** What a callback is about to do or came to, in a few words. While its base is held (CB-7) nothing is sent until `openUntil`. */
export function sentenceOf(
  callback: CallbackRecord & { readonly history?: readonly unknown[] },
  now: number,
  words: Words['callbacks'],
  openUntil: number | null = null,
): string {
  const { state, attempts, dueAt, history } = callback
  const last = lastOf(callback)
  switch (state) {
    case 'delivered':
      // A replay counts anew; what was tried before is still told.
      return (history?.length ?? 0) > attempts ? words.deliveredAgain(attempts) : words.deliveredAt(attempts)
    case 'due': {
      if (openUntil !== null && openUntil > now)
        return words.heldUntil(Math.ceil((openUntil - now) / MINUTE_MS))
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

/** What to do about what was not taken; undefined where there is nothing to do. */
export function adviceFor(
  { state, attempts, lastStatus, lastError }: CallbackRecord,
  words: Words['callbacks'],
  language: Language,
): string | undefined {
  if (state === 'delivered' || attempts === 0) return undefined
  const advice = receiverAdvice({ status: lastStatus, errorClass: lastError })
  if (advice === null) return undefined
  const said = inLanguage(advice, language)
  return state === 'parked' ? `${said}${language === 'zh' ? '。' : '.'}${words.thenReplay}` : said
}
