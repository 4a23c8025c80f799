import type { BotMoveRecord, BotRecord, BotSessionRecord } from '@qunhub/wire'
import { loginCommand } from './login-bot.ts'
import { wholeNumber } from './read/whole-number.ts'
import { reasonWords } from './reason-words.ts'
import type { Declare } from './run-cli.ts'
import { showTime } from './show/show-time.ts'
import { type Column, renderFacts, renderTable } from './show/table.ts'
import { verbCommand } from './verb-command.ts'

export const botCommands: Declare = (program, shell, exitWith) => {
  const bot = program.command('bot').description('托管账号 / hosted accounts')

  verbCommand(bot.command('add'), 'add-bot', {
    shell,
    exitWith,
    secret: { field: 'token', onCommandLine: '--token <token>', words: 'puppet token' },
    show: added => [renderTable([added], columns), ...(added.isPlainAbroad ? [PLAIN_ABROAD] : [])].join('\n'),
  })
    .option('--endpoint <host:port>', 'puppet 服务地址 / address of the puppet service')
    .option(
      '--discovery <host>',
      '不知道地址时, 向谁询问: 发现服务 (https) / whom to ask for the address where it is not known: a discovery authority (https)',
    )
    .option(
      '--user-id <id>',
      '预期的 userId, 首次登录前即可用它指代 / the userId to expect, by which it can be named before its first login',
    )
    .option('--tls', '以 TLS 连接 puppet 服务 / connect by TLS')
  verbCommand(bot.command('set <bot>'), 'set-bot', {
    shell,
    exitWith,
    secret: { field: 'token', onCommandLine: '--token <token>', words: 'puppet token', mayBeAbsent: true },
    show: set => [renderTable([set], columns), ...(set.isPlainAbroad ? [PLAIN_ABROAD] : [])].join('\n'),
  })
    .option('--endpoint <host:port>', 'puppet 服务地址 / address of the puppet service')
    .option('--discovery <host>', '改向发现服务询问地址 / ask a discovery authority for the address instead')
    .option('--user-id <id>', '预期的账号: userId 或 wxid / the account to expect: its userId or wxid')
    .option('--tls', '以 TLS 连接 puppet 服务 / connect by TLS')
    .option('--no-tls', '不加密 / connect in plain text')
  verbCommand(bot.command('remove <bot>'), 'remove-bot', {
    shell,
    exitWith,
    sure: named =>
      `移除机器人 ${named}: 它的群离开列表, 不能撤销。继续? / Remove bot ${named}: its chats leave the lists, and this cannot be undone. Go on?`,
    show: ({ id, chats }) => `已移除 ${id}, ${chats} 个群离开列表 / removed; ${chats} chats left the lists`,
  })
  verbCommand(bot.command('list'), 'list-bots', {
    shell,
    exitWith,
    show: ({ live, bots }) =>
      [
        renderTable(bots, columns),
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
  })
  verbCommand(bot.command('show <bot>'), 'show-bot', {
    shell,
    exitWith,
    show: ({ live, bot, moves }) =>
      [
        renderFacts([
          ['ID', bot.id],
          ['userId', bot.account?.userId ?? bot.expectedUserId ?? '-'],
          ['昵称 name', bot.account?.nickName ?? '-'],
          ['wxid', bot.account?.wxid ?? '-'],
          ['地址 endpoint', showEndpoint(bot)],
          ['状态 state', showSession(bot.session)],
          ['始于 since', showTime(bot.session.since)],
        ]),
        ...(live ? [] : [NOT_LIVE]),
        '',
        renderTable(moves, moveColumns),
      ].join('\n'),
  }).option('--limit <count>', '最多几次变化, 默认 20 / at most so many moves, by default 20', wholeNumber)
  loginCommand(bot.command('login <bot>'), { shell, exitWith })
  verbCommand(bot.command('verify <bot> <code>'), 'verify-bot', {
    shell,
    exitWith,
    show: ({ id }) =>
      `已交给 puppet, 用 qunhub bot login ${id} 查看结果 / handed to the puppet; see what came of it: qunhub bot login ${id}`,
  })
  verbCommand(bot.command('logout <bot>'), 'logout-bot', {
    shell,
    exitWith,
    show: ({ id }) =>
      `已退出登录, 用 qunhub bot login ${id} 重新扫码 / logged out; to scan again: qunhub bot login ${id}`,
  })
  verbCommand(bot.command('accept <bot> <account>'), 'accept-account', {
    shell,
    exitWith,
    show: ({ id, expectedUserId }) =>
      `已同意 ${expectedUserId}; 它若已登录, 30 秒内上线, 否则扫码: qunhub bot login ${id} / accepted; online within 30 s if it is logged in, else scan: qunhub bot login ${id}`,
  })
  verbCommand(bot.command('sync <bot>'), 'sync-bot', {
    shell,
    exitWith,
    show: synced => `已同步 / synced: ${synced.id}`,
  })
}

const columns: readonly Column<BotRecord>[] = [
  { title: 'ID', cell: bot => bot.id, whole: true },
  { title: 'userId', cell: bot => bot.account?.userId ?? bot.expectedUserId ?? '-', whole: true },
  { title: '昵称 name', cell: bot => bot.account?.nickName ?? '-' },
  { title: '类型 kind', cell: bot => bot.account?.kind ?? '-' },
  { title: '状态 state', cell: bot => showSession(bot.session) },
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
