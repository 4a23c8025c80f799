import { done, refuse } from '../model/result.ts'
import type { Verbs } from './verb.ts'

export const alertVerbs = {
  /** Once and at once, past the queue of alerts: whoever asks waits for what the robot says. */
  'test-alert': async (_asked, { live }) => {
    if (!live) return refuse('gateway-not-running')
    if (!live.testAlert) return refuse('alert-unset')
    const answered = await live.testAlert()
    const { kind } = answered
    switch (answered.outcome) {
      case 'taken':
        return done({ kind, answer: answered.answer })
      case 'refused':
        return refuse('alert-refused', [kind, answered.reason, answered.answer].filter(Boolean).join(', '))
      case 'timeout':
        return refuse('alert-timeout', kind)
      case 'address-refused':
        return refuse('alert-address-refused', kind)
      case 'unreachable':
        return refuse('alert-unreachable', `${kind}, ${answered.reason}`)
      default:
        return answered satisfies never
    }
  },
} satisfies Verbs
