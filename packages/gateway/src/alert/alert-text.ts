import type { Alert, AlertCause } from '@qunhub/wire'

/** The text robots take is bounded in bytes: WeCom's at 2,048, the others' at more. */
export const TEXT_BYTES_MAX = 1900

const HEAD = '【群枢告警】Qunhub'

/** Like every alert it can be found by its head, so that a robot which filters by keyword shows what it would do with one. */
export const TEST_TEXT = `${HEAD}\n✉ 测试告警, 一切正常, 无需处理 / a test alert: nothing is wrong`

const WORDS: Readonly<Record<AlertCause, string>> = {
  deaf: '已连上但收不到任何事件 / connected, but no events come',
  occupied: '被另一个客户端占用 / its puppet serves another client',
  'logged-out': '账号已退出登录, 需要扫码 / logged out, needs a scan',
  'wrong-account':
    '登录的是另一个账号, 未接管, 原有的群保留 / another account is logged in and not taken; the chats stay as they are',
  verification:
    '企业微信要求两分钟内用手机验证 (qunhub bot login), 否则账号会退出 / WeCom wants a verification within two minutes (qunhub bot login), or logs it out',
  offline: '长时间不在线 / offline for a long time',
}

/**
 * As many alerts as one message holds, oldest first, in the words that an operator reads; at least one. Says how many
 * it took. `dropped`: those that nobody will read, because too many waited. `timeZone`: that of whoever reads it.
 */
export function writeText(
  alerts: readonly Alert[],
  dropped: number,
  timeZone: string,
): { text: string; taken: number } {
  const showTime = clockOf(timeZone)
  const lineOf = (alert: Alert) => lineFor(alert, showTime)
  const lost = dropped > 0 ? [`另有 ${dropped} 条未列出 / ${dropped} more are not listed`] : []
  const textOf = (count: number) => [HEAD, ...alerts.slice(0, count).map(lineOf), ...lost].join('\n')
  let taken = 1
  while (taken < alerts.length && Buffer.byteLength(textOf(taken + 1)) <= TEXT_BYTES_MAX) taken += 1
  return { text: textOf(taken), taken }
}

const lineFor = (
  { kind, cause, botId, userId, since, at }: Alert,
  showTime: (ms: number) => string,
): string => {
  const bot = `${userId ?? '-'} (${botId})`
  return kind === 'raised'
    ? `⚠ ${bot} ${WORDS[cause]}, 自 / since ${showTime(since)}`
    : `✓ ${bot} ${cause === 'verification' ? '已完成验证 / verified' : '已恢复在线 / online again'}, ${minutes(at - since)} min (${cause})`
}

/** As the command line shows it (`cli/show-time.ts`), and with the offset, for whoever reads it may be elsewhere. */
const clockOf = (timeZone: string): ((ms: number) => string) => {
  const time = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  const offset = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'shortOffset' })
  return ms => {
    const zone = offset.formatToParts(ms).find(({ type }) => type === 'timeZoneName')!.value
    return `${time.format(ms)} ${zone.replace('GMT', 'UTC')}`
  }
}

const minutes = (ms: number): string => (Math.max(0, ms) / 60_000).toFixed(1)
