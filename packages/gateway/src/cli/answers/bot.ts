import type { BotMoveRecord, BotRecord, BotSessionRecord } from '@qunhub/wire'
import { reasonWords } from '@qunhub/wire/words'
import { loginCommand } from '../login-bot.ts'
import { showTime } from '../show/show-time.ts'
import { stepColumns } from '../show/step-columns.ts'
import { type Column, renderFacts, renderTable } from '../show/table.ts'
import type { Answers } from './answer.ts'

export const botAnswers = {
  'add-bot': showOne,
  'set-bot': showOne,
  'remove-bot': {
    sure: named =>
      `移除机器人 ${named}: 它的群离开列表, 不能撤销。继续? / Remove bot ${named}: its chats leave the lists, and this cannot be undone. Go on?`,
    show: ({ id, chats }) => `已移除 ${id}, ${chats} 个群离开列表 / removed; ${chats} chats left the lists`,
  },
  'list-bots': ({ live, bots }, width) =>
    [
      renderTable(bots, columns, width),
      ...(live ? [] : [NOT_LIVE]),
      ...bots
        .filter(({ session }) => session.state === 'awaiting-scan')
        .map(({ id }) => `扫码登录 / scan to log in: qunhub bot login ${id}`),
      ...bots
        .filter(({ session }) => session.verification !== null)
        .map(
          ({ id }) =>
            `企业微信要求验证, 两分钟内 / WeCom wants a verification within two minutes: qunhub bot login ${id}`,
        ),
      ...bots
        .filter(({ session }) => session.state === 'wrong-account')
        .map(
          ({ id }) =>
            `另一个账号未接管: 退出它 / another account was not taken; log it out: qunhub bot logout ${id}; 或换成它 / or take it: qunhub bot accept ${id} <userId>`,
        ),
    ].join('\n'),
  'show-bot': ({ live, bot, moves }, width) =>
    [
      renderFacts(
        [
          ['ID', bot.id],
          ['userId', bot.account?.userId ?? bot.expectedUserId ?? '-'],
          ['昵称 name', bot.account?.nickName ?? '-'],
          ['wxid', bot.account?.wxid ?? '-'],
          ['地址 endpoint', showEndpoint(bot)],
          ['状态 state', showSession(bot.session)],
          ['始于 since', showTime(bot.session.since)],
          ['最近听到 last heard', showTime(bot.heardAt)],
          ['节点 node', bot.node ?? '-'],
          ['群 rooms', bot.rooms ? `${bot.rooms.count}${bot.rooms.atLeast ? '+' : ''}` : '-'],
        ],
        width,
      ),
      ...(live ? [] : [NOT_LIVE]),
      '',
      renderTable(moves, moveColumns, width),
    ].join('\n'),
  'try-puppet': {
    isBad: ({ reached }) => !reached,
    show: ({ reached, steps }, width) =>
      [
        renderTable(steps, stepColumns, width),
        reached ? '可以添加 / it can be added' : '还不通 / it cannot be reached yet',
      ].join('\n'),
  },
  'login-bot': loginCommand,
  'verify-bot': ({ id }) =>
    `已交给 puppet, 用 qunhub bot login ${id} 查看结果 / handed to the puppet; see what came of it: qunhub bot login ${id}`,
  'logout-bot': ({ id }) =>
    `已退出登录, 用 qunhub bot login ${id} 重新扫码 / logged out; to scan again: qunhub bot login ${id}`,
  'accept-account': ({ id, expectedUserId }) =>
    `已同意 ${expectedUserId}; 它若已登录, 30 秒内上线, 否则扫码: qunhub bot login ${id} / accepted; online within 30 s if it is logged in, else scan: qunhub bot login ${id}`,
  'sync-bot': synced => `已同步 / synced: ${synced.id}`,
} satisfies Answers

function showOne(bot: BotRecord, width?: number): string {
  return [renderTable([bot], columns, width), ...(bot.isPlainAbroad ? [PLAIN_ABROAD] : [])].join('\n')
}

const columns: readonly Column<BotRecord>[] = [
  { title: 'ID', cell: bot => bot.id, whole: true },
  { title: 'userId', cell: bot => bot.account?.userId ?? bot.expectedUserId ?? '-', whole: true },
  { title: '昵称 name', cell: bot => bot.account?.nickName ?? '-' },
  { title: '类型 kind', cell: bot => bot.account?.kind ?? '-' },
  { title: '状态 state', cell: bot => showSession(bot.session) },
  { title: '群 rooms', cell: bot => (bot.rooms ? `${bot.rooms.count}${bot.rooms.atLeast ? '+' : ''}` : '-') },
  { title: '拉人/分 adds/min', cell: bot => bot.additionsInLastMinute ?? '-' },
  { title: '地址 endpoint', cell: bot => showEndpoint(bot), whole: true },
]

const PLAIN_ABROAD =
  '注意: 未加密地连接内网之外的地址, 途中可读到群、昵称和 puppet token, 请用 --tls / mind: this is plain text over a network that is not private, where rooms, names and the puppet token can be read; use --tls'
const NOT_LIVE = '网关未运行, 以上为上次记录的状态 / no gateway runs: these states are the last recorded'

const moveColumns: readonly Column<BotMoveRecord>[] = [
  { title: '#', cell: move => move.ordinal },
  { title: '时间 at', cell: move => showTime(move.at) },
  { title: '从 from', cell: move => `${stateWords[move.from]} ${move.from}` },
  { title: '到 to', cell: move => `${stateWords[move.to]} ${move.to}` },
  { title: '说明 facts', cell: showMove },
]

function showMove({ wxid, scan, attempt, reason, missed }: BotMoveRecord): string {
  const facts = [wxid, scan, attempt === null ? null : `#${attempt}`, reasonWords(reason)]
  const lost = missed > 0 ? `之前漏记 ${missed} 次 / ${missed} before it were not kept` : null
  return [...facts, lost].filter(fact => fact !== null && fact !== '').join(' ')
}

const showEndpoint = ({ endpoint, discovery, tls }: BotRecord): string =>
  `${discovery === null ? endpoint : `discovery:${discovery}`}${tls ? ' (TLS)' : ''}`

const showSession = (session: BotSessionRecord): string => {
  const deaf = session.deaf ? `, 听不到 deaf ${showTime(session.deaf.since)} (${session.deaf.stage})` : ''
  const wanted = session.verification ? `, 待验证 verification (${session.verification})` : ''
  const words = `${stateWords[session.state]} ${session.state}${deaf}${wanted}`
  return session.reason ? `${words}: ${reasonWords(session.reason)}` : words
}

const stateWords: Readonly<Record<BotSessionRecord['state'], string>> = {
  new: '新建',
  connecting: '连接中',
  'awaiting-scan': '待扫码',
  online: '在线',
  reconnecting: '重连中',
  offline: '离线',
  'logged-out': '已退出',
  'wrong-account': '登录了别的账号',
  occupied: '被占用',
}
