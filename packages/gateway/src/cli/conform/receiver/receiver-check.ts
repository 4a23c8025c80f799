/** What is looked at in a receiver, one after another, and how a single answer becomes a finding. */
import type { BothLanguages } from '@qunhub/wire'
import type { Outcome } from '../../../callback/outcome.ts'
import { says } from '../../show/report.ts'
import type { Check, Seen } from '../run-checks.ts'
import { answerWords, isAccepted, isRefused, whyNotAccepted, whyNotRefused } from './answer-words.ts'
import type { Letter, ReceiverLine } from './receiver-line.ts'

export type ReceiverCheck = Check<ReceiverLine>

/** A callback that a receiver has to take. `next`, where more is known than its answer tells. */
export const accepts = (
  check: string,
  what: BothLanguages,
  write: (line: ReceiverLine) => Letter,
  next?: BothLanguages,
): ReceiverCheck => ({
  check,
  what,
  async look(line) {
    return accepted(line.noteGood(await line.post(write(line))), next)
  },
})

/** One that it has to refuse. */
export const refuses = (
  check: string,
  what: BothLanguages,
  write: (line: ReceiverLine) => Letter,
): ReceiverCheck => ({
  check,
  what,
  async look(line) {
    const outcome = await line.post(write(line))
    return line.tookMs.length > 0 || !isRefused(outcome) ? refused(outcome) : refusesAll(outcome)
  },
})

export const accepted = (outcome: Outcome, next?: BothLanguages): Seen => ({
  verdict: isAccepted(outcome) ? 'passed' : 'failed',
  seen: answerWords(outcome),
  ...(isAccepted(outcome)
    ? {}
    : { next: next && outcome.kind === 'answered' ? next : whyNotAccepted(outcome) }),
})

const refused = (outcome: Outcome): Seen => ({
  verdict: isRefused(outcome) ? 'passed' : 'failed',
  seen: answerWords(outcome),
  ...(isRefused(outcome) ? {} : { next: whyNotRefused(outcome) }),
})

/** Who takes nothing at all refuses this, too, and shows nothing by it. */
const refusesAll = (outcome: Outcome): Seen => ({
  verdict: 'unseen',
  seen: answerWords(outcome),
  next: says(
    '正常的回调也被拒绝, 所以这条说明不了什么: 先让正常的通过',
    'callbacks that are as they should be are refused as well, so that this shows nothing: let those pass first',
  ),
})
