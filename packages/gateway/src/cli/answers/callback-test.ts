import type { VerbOutput } from '@qunhub/wire'
import { failureWords } from '@qunhub/wire/words'
import { plainText } from '../show/column-width.ts'
import { stepColumns } from '../show/step-columns.ts'
import { renderFacts, renderTable } from '../show/table.ts'
import type { Answers } from './answer.ts'

export const callbackTestAnswers = {
  'examine-receiver': {
    isBad: ({ isWell }) => !isWell,
    show: ({ steps }, width) => renderTable(steps, stepColumns, width),
  },
  'test-callback': { isBad: ({ taken }) => !taken, show },
} satisfies Answers

type Tested = VerbOutput<'test-callback'>

function show(tested: Tested, width?: number): string {
  const { taken, url, ms, answer, signature, header, advice } = tested
  return [
    taken
      ? '收下了 / taken. 测试只证明它答了 2xx: 看看它的日志里验签是否通过 / a test proves that it answered 2xx: see in its log that it verified the signature'
      : '没有收下 / not taken',
    renderFacts(
      [
        ['地址 url', url],
        ['应答 answered', answeredOf(tested)],
        ['毫秒 ms', ms],
        ...(answer ? [['内容 answer', answer] as const] : []),
        ...Object.entries(signature),
        ...(header === null ? [] : [[header, '(值不显示 / its value is not shown)'] as const]),
      ],
      width,
    ),
    ...(advice === null ? [] : [`怎么办 / what to do: ${plainText(advice)}`]),
  ].join('\n')
}

const answeredOf = ({ status, errorClass, reason }: Tested): string | number =>
  status ?? (reason === null ? (errorClass ?? '-') : `${errorClass}: ${failureWords(reason)}`)
