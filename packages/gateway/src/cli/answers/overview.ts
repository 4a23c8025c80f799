import type { Counted } from '@qunhub/wire'
import { showTime } from '../show/show-time.ts'
import { renderFacts } from '../show/table.ts'
import type { Answers } from './answer.ts'

export const overviewAnswers = {
  'show-overview': ({ live, bots, callbacks, address }, width) => {
    const { lastHour } = callbacks
    const nameOf = ({ account, expectedUserId, id }: (typeof bots.unwell)[number]) =>
      account?.nickName || expectedUserId || id
    return [
      renderFacts(
        [
          ['机器人在线 bots online', `${bots.online} / ${bots.all}`],
          ['听不到、待扫码、不在线 deaf, to scan, away', `${bots.deaf}, ${bots.awaitingScan}, ${bots.away}`],
          ['回调等待 callbacks waiting', showCounted(callbacks.waiting)],
          ['最早 oldest', showTime(callbacks.oldestOwedAt)],
          [
            '停放、隔离 parked, quarantined',
            `${showCounted(callbacks.parked)}, ${showCounted(callbacks.quarantined)}`,
          ],
          [
            '一小时内送达、再试 delivered, retried within the hour',
            `${lastHour.delivered}, ${lastHour.retried}`,
          ],
          ['回调地址 address', address === null ? '未设置 not set' : `${address.url} ${address.breaker}`],
        ],
        width,
      ),
      ...bots.unwell.map(
        bot => `需要处理 / to be done: ${nameOf(bot)} ${bot.session.state}: qunhub bot show ${bot.id}`,
      ),
      ...(live ? [] : ['网关未运行, 状态是上次记录的 / no gateway runs; states are the last recorded']),
    ].join('\n')
  },
} satisfies Answers

const showCounted = ({ count, atLeast }: Counted): string => `${count}${atLeast ? '+' : ''}`
