import {
  type AttemptRecord,
  type CallbackRecord,
  type ReplayRecord,
  SIGNING_SECRETS_MAX,
  type VerbOutput,
} from '@qunhub/wire'
import { failureWords } from '@qunhub/wire/words'
import { listenCommand } from '../listen/listen-command.ts'
import { plainText } from '../show/column-width.ts'
import { showTime } from '../show/show-time.ts'
import { type Column, renderFacts, renderTable } from '../show/table.ts'
import type { Answers } from './answer.ts'

export const callbackAnswers = {
  'set-callback-url': ({ url, secret, header, formerHeader }, width) =>
    [
      renderFacts(
        [
          ['地址 url', url],
          ...(secret === null ? [] : [['签名密钥 secret', secret] as const]),
          ...(header === undefined ? [] : [['请求头 header', showHeader(header)] as const]),
        ],
        width,
      ),
      ...(secret === null
        ? ['签名密钥不变 / the signing secret stays as it was: qunhub callback secret']
        : []),
      ...(formerHeader === undefined ? [] : [headerGone(plainText(formerHeader))]),
    ].join('\n'),
  'clear-callback-url': ({ cleared }) =>
    cleared
      ? '已清除; 已产生的回调等到再设地址: qunhub callback set-url <url> / cleared; what is owed waits for another address: qunhub callback set-url <url>'
      : '本来就没有 / there was none',
  'set-callback-header': {
    neverTyped: 'value',
    show: ({ header }, width) => renderFacts([['请求头 header', showHeader(header)]], width),
  },
  'clear-callback-header': ({ cleared }) => (cleared ? '已去掉 / cleared' : '本来就没有 / there was none'),
  'show-callback-secret': ({ url, secret }, width) =>
    renderFacts(
      [
        ['地址 url', url],
        ['签名密钥 secret', secret],
      ],
      width,
    ),
  'rotate-callback-secret': ({ secret, formerUntil, endedEarly }, width) =>
    [
      renderFacts(
        [
          ['新签名密钥 secret', secret],
          ['旧密钥用到 former until', showTime(formerUntil)],
        ],
        width,
      ),
      ...endedEarly.map(showEndedEarly),
    ].join('\n'),
  'show-callback-address': (address, width) =>
    renderFacts(
      [
        ['地址 url', address.url],
        ['请求头 header', address.header === null ? '-' : showHeader(address.header)],
        ['熔断 breaker', `${breakerWords[address.breaker]} ${address.breaker}`],
        ['试探于 probe at', address.openUntil === null ? '-' : showTime(address.openUntil)],
        ['并发上限 in flight at most', String(address.inFlightMax)],
        ['待投递 waiting', `${address.waiting} (${address.waitingBytes} bytes)`],
        ['最早 oldest', address.oldestOwedAt === null ? '-' : showTime(address.oldestOwedAt)],
      ],
      width,
    ),
  'resume-callbacks': ({ resumed }) =>
    resumed ? '已恢复 / resumed' : '本来就没有熔断 / the breaker was closed anyway',
  'list-callbacks': ({ callbacks, next }, width) =>
    [
      renderTable(callbacks, columns, width),
      ...(next === null ? [] : [`还有更早的 / there are older ones: --before ${next}`]),
    ].join('\n'),
  'show-callback-counts': (counts, width) =>
    renderFacts(
      (Object.keys(stateWords) as CallbackRecord['state'][]).map(state => [
        `${stateWords[state]} ${state}`,
        `${counts[state].count}${counts[state].atLeast ? '+' : ''}`,
      ]),
      width,
    ),
  'show-callback': (shown, width) =>
    [
      renderTable([shown], columns, width),
      '',
      shown.history.length === 0
        ? '尚未尝试 / not tried yet'
        : renderTable(shown.history, attemptColumns, width),
      '',
      `webhook-id  ${plainText(shown.webhookId)}`,
      plainText(shown.body),
    ].join('\n'),
  'list-callbacks-after': listenCommand,
  'replay-callbacks': ({ replayed, pending }, width) =>
    renderFacts(
      [
        ['重放 replayed', `${replayed.length}${replayed.length > 0 ? `: ${replayed.join(' ')}` : ''}`],
        ['本就待投递 pending', `${pending.length}${pending.length > 0 ? `: ${pending.join(' ')}` : ''}`],
      ],
      width,
    ),
  'start-replay': ({ matching, atLeast, replay }, width) =>
    renderFacts(
      [
        ['符合条件 matching', `${matching}${atLeast ? '+' : ''}`],
        ['重放 replay', replay === null ? '试运行, 未重放 / dry run, nothing replayed' : replay.id],
      ],
      width,
    ),
  'list-replays': ({ replays }, width) => renderTable(replays, replayColumns, width),
  'steer-replay': (replay, width) => renderTable([replay], replayColumns, width),
} satisfies Answers

const showHeader = (name: string): string => `${name} (值不显示 / its value is not shown)`

const headerGone = (name: string): string =>
  `请求头 ${name} 是给原来的主机的, 不再发送; 需要时再次设置 / the header ${name} was for the former host and is not sent any more; set it again if you need it: qunhub callback set-header`

const showEndedEarly = ({ secret, promisedUntil }: EndedSecret): string =>
  `最多同时保留 ${SIGNING_SECRETS_MAX} 个签名密钥: ${secret} 已提前失效, 原定用到 ${showTime(promisedUntil)} / ` +
  `${SIGNING_SECRETS_MAX} signing secrets are kept at most: ${secret} ended early, it was good until ${showTime(promisedUntil)}`

type EndedSecret = VerbOutput<'rotate-callback-secret'>['endedEarly'][number]

const showError = ({ errorClass, reason }: AttemptRecord): string =>
  reason === null ? (errorClass ?? '-') : `${errorClass}: ${failureWords(reason)}`

const columns: readonly Column<CallbackRecord>[] = [
  { title: 'ID', cell: callback => callback.id },
  { title: '类型 kind', cell: callback => callback.kind },
  { title: '群 room', cell: callback => callback.room, whole: true },
  { title: '状态 state', cell: callback => `${stateWords[callback.state]} ${callback.state}` },
  { title: '已试 attempts', cell: callback => callback.attempts },
  { title: '最近 last', cell: callback => callback.lastStatus ?? callback.lastError ?? '-' },
  { title: '产生于 owed', cell: callback => showTime(callback.owedAt) },
  { title: '下次 next try', cell: callback => showTime(callback.dueAt) },
]

const stateWords: Readonly<Record<CallbackRecord['state'], string>> = {
  due: '待投递',
  delivered: '已投递',
  parked: '已停放',
  quarantined: '已隔离',
}

const breakerWords = { closed: '正常', open: '暂停', 'half-open': '试探' } as const

const showFilter = ({ from, until, ...others }: ReplayRecord['filter']): string =>
  [
    ...Object.values(others),
    ...(from === undefined ? [] : [`≥ ${showTime(from)}`]),
    ...(until === undefined ? [] : [`< ${showTime(until)}`]),
  ].join(' ')

const replayColumns: readonly Column<ReplayRecord>[] = [
  { title: 'ID', cell: replay => replay.id, whole: true },
  { title: '状态 state', cell: replay => replay.state },
  { title: '条件 filter', cell: replay => showFilter(replay.filter) },
  { title: '已重放 replayed', cell: replay => replay.replayed },
  { title: '开始 began', cell: replay => showTime(replay.createdAt) },
  { title: '结束 ended', cell: replay => showTime(replay.endedAt) },
]

const attemptColumns: readonly Column<AttemptRecord>[] = [
  { title: '#', cell: attempt => attempt.n },
  { title: '时间 started', cell: attempt => showTime(attempt.startedAt) },
  { title: '毫秒 ms', cell: attempt => attempt.ms },
  { title: '结果 outcome', cell: attempt => attempt.outcome },
  { title: 'HTTP', cell: attempt => attempt.status ?? '-' },
  { title: '错误 error', cell: showError, whole: true },
  { title: '应答 answer', cell: attempt => attempt.snippet ?? '' },
]
