/** What is looked at in a receiver, one after another, and how a single answer becomes a finding. */
import type { BothLanguages } from '@qunhub/wire'
import type { Outcome } from '../../../callback/outcome.ts'
import type { Finding } from '../../show/report.ts'
import { says } from '../../show/report.ts'
import { answerWords, isAccepted, isRefused, whyNotAccepted, whyNotRefused } from './answer-words.ts'
import type { Letter, ReceiverLine } from './receiver-line.ts'

/** What the checks before have shown. */
export interface Sofar {
  /** A callback that was as it should be was taken. */
  readonly hasAccepted: boolean
  /** How long each of those took, in milliseconds. */
  readonly tookMs: readonly number[]
}

export type Seen = Omit<Finding, 'check' | 'what'>

export interface ReceiverCheck {
  readonly check: string
  readonly what: BothLanguages
  look(line: ReceiverLine, sofar: Sofar): Promise<{ seen: Seen; outcomes: readonly Outcome[] }>
}

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
    const outcome = await line.post(write(line))
    return { seen: accepted(outcome, next), outcomes: [outcome] }
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
  async look(line, { hasAccepted }) {
    const outcome = await line.post(write(line))
    return { seen: hasAccepted || !isRefused(outcome) ? refused(outcome) : refusesAll(outcome), outcomes: [] }
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
