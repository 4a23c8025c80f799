import type { Answers } from './answer.ts'

export const alertAnswers = {
  'test-alert': ({ kind, answer }) =>
    `告警地址 (${kind}) 收下了测试告警 / the alert address (${kind}) took the test alert${answer && `\n${answer}`}`,
} satisfies Answers
