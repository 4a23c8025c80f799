import type { BotRecord, BotSessionRecord } from '@qunhub/wire'
import { plainText } from './column-width.ts'
import type { Declare } from './run-cli.ts'
import { showTime } from './show-time.ts'
import { type Column, renderTable } from './table.ts'
import { verbCommand } from './verb-command.ts'

export const botCommands: Declare = (program, shell, exitWith) => {
  const bot = program.command('bot').description('托管账号 / hosted accounts')

  verbCommand(bot.command('add'), 'add-bot', {
    shell,
    exitWith,
    show: added => renderTable([added], columns),
  })
    .requiredOption('--endpoint <host:port>', 'puppet 服务地址 / address of the puppet service')
    .requiredOption('--token <token>', 'puppet token')
    .option(
      '--user-id <id>',
      '预期的 userId, 首次登录前即可用它指代 / the userId to expect, by which it can be named before its first login',
    )
    .option('--tls', '以 TLS 连接 puppet 服务 / connect by TLS')
  verbCommand(bot.command('list'), 'list-bots', {
    shell,
    exitWith,
    show: ({ live, bots }) =>
      [
        renderTable(bots, columns),
        ...(live
          ? []
          : ['网关未运行, 以上为上次记录的状态 / no gateway runs: these states are the last recorded']),
        ...bots.flatMap(({ id, session }) =>
          session.qrcode ? [`扫码登录 / scan to log in ${id}: ${plainText(session.qrcode)}`] : [],
        ),
      ].join('\n'),
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
  { title: '地址 endpoint', cell: bot => `${bot.endpoint}${bot.tls ? ' (TLS)' : ''}`, whole: true },
]

const showSession = (session: BotSessionRecord): string => {
  const deaf = session.deaf ? `, 听不到 deaf ${showTime(session.deaf.since)} (${session.deaf.stage})` : ''
  const words = `${stateWords[session.state]} ${session.state}${deaf}`
  return session.reason ? `${words}: ${session.reason}` : words
}

const stateWords: Readonly<Record<BotSessionRecord['state'], string>> = {
  new: '新建',
  connecting: '连接中',
  'awaiting-scan': '待扫码',
  online: '在线',
  reconnecting: '重连中',
  offline: '离线',
  'logged-out': '已退出',
  occupied: '被占用',
}
