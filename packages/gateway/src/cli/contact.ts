import { CONTACTS_PER_IMPORT_MAX, type ContactRecord, type LineOutcome, operatorVerbs } from '@qunhub/wire'
import { ask } from './ask.ts'
import { readCliConfig } from './cli-config.ts'
import { EXIT_DONE, EXIT_FAILED } from './exit-codes.ts'
import { openProgressBar } from './progress-bar.ts'
import { readContactFile } from './read-contact-file.ts'
import type { Declare } from './run-cli.ts'
import { type Column, renderTable } from './table.ts'
import { json, tellRefusal, verbCommand, WORKSPACE_OPTION } from './verb-command.ts'
import { wholeNumber } from './whole-number.ts'

/** More lines that could not be taken than these are for `--json`. */
const LINES_SHOWN_MAX = 50

export const contactCommands: Declare = (program, shell, exitWith) => {
  const contact = program.command('contact').description('联系人 / contacts')

  verbCommand(contact.command('list'), 'list-contacts', {
    shell,
    exitWith,
    show: ({ contacts }) => renderTable(contacts, columns),
  })
    .option('--bot <bot>', '某个机器人认识的 / whom this bot knows')
    .option(
      '--id <id>',
      'wxid、userId、externalUserId 或 unionId / a wxid, userId, externalUserId or unionId',
    )
    .option('--after <wxid>', '从此 wxid 之后 / behind this wxid')
    .option('--limit <count>', '最多几个, 默认 100 / at most so many, by default 100', wholeNumber)

  verbCommand(contact.command('resolve'), 'resolve-contacts', {
    shell,
    exitWith,
    show: ({ asked, resolved }) => `询问 ${asked}, 得到 ${resolved} / asked ${asked}, resolved ${resolved}`,
  }).option(
    '--limit <count>',
    '最多询问几个, 默认 100 / ask for at most so many, by default 100',
    wholeNumber,
  )

  const { input, output } = operatorVerbs['import-contacts']
  const importing = contact
    .command('import <file>')
    .description(
      `${operatorVerbs['import-contacts'].summary}\nCSV (UTF-8, 首行为列名) 或 JSON 数组; 列: wxid, externalUserId, unionId / CSV with a header, or a JSON list`,
    )
    .option(...WORKSPACE_OPTION)
    .option('--dry-run', '只报告, 不改动 / report only, change nothing')
  importing.action(async (file: string) => {
    const options = importing.optsWithGlobals<{
      json?: true
      dataDir?: string
      workspace?: string
      dryRun?: true
    }>()
    const config = readCliConfig(shell.env, options.dataDir)
    const lines = await readContactFile(file)
    const bar = openProgressBar(shell)
    const report: ReportLine[] = []
    for (let from = 0; from < lines.length; from += CONTACTS_PER_IMPORT_MAX) {
      const some = lines.slice(from, from + CONTACTS_PER_IMPORT_MAX)
      const asked = input.parse({
        workspace: options.workspace,
        lines: some.map(({ contact }) => contact),
        dryRun: options.dryRun === true,
      })
      const reply = await ask(config, 'import-contacts', asked)
      if (!reply.ok) {
        bar.end()
        return exitWith(tellRefusal(reply, shell, options.json === true))
      }
      report.push(
        ...output.parse(reply.value).lines.map((told, place) => ({ line: some[place]!.line, ...told })),
      )
      bar.show('导入 import', { table: 'contact', rows: report.length, of: lines.length })
    }
    bar.end()
    const counts = countOutcomes(report)
    shell.out(
      options.json
        ? json({ dryRun: options.dryRun === true, counts, lines: report })
        : `${show(report, counts, options.dryRun === true)}\n`,
    )
    exitWith(counts.unknown + counts.conflict + counts.malformed === 0 ? EXIT_DONE : EXIT_FAILED)
  })
}

interface ReportLine {
  readonly line: number
  readonly outcome: LineOutcome
  readonly bots: number
}

function countOutcomes(report: readonly ReportLine[]): Record<LineOutcome, number> {
  const counts = { updated: 0, unchanged: 0, unknown: 0, conflict: 0, malformed: 0 }
  for (const { outcome } of report) counts[outcome]++
  return counts
}

function show(report: readonly ReportLine[], counts: Record<LineOutcome, number>, isDry: boolean): string {
  const odd = report.filter(({ outcome }) => outcome !== 'updated' && outcome !== 'unchanged')
  const summary = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${outcomeWords[outcome as LineOutcome]} ${count}`)
    .join(', ')
  return [
    ...(odd.length > 0 ? [renderTable(odd.slice(0, LINES_SHOWN_MAX), reportColumns)] : []),
    ...(odd.length > LINES_SHOWN_MAX
      ? [`… 共 ${odd.length} 行, 加 --json 看全部 / of ${odd.length} lines; --json shows all`]
      : []),
    `${isDry ? '试运行, 未改动 / dry run, nothing was changed: ' : ''}${summary}`,
  ].join('\n')
}

const outcomeWords: Readonly<Record<LineOutcome, string>> = {
  updated: '已更新 updated',
  unchanged: '无变化 unchanged',
  unknown: '没有机器人认识 unknown',
  conflict: '与别人冲突 conflict',
  malformed: '格式有误 malformed',
}

const reportColumns: readonly Column<ReportLine>[] = [
  { title: '行 line', cell: told => told.line },
  { title: '结果 outcome', cell: told => outcomeWords[told.outcome] },
]

const columns: readonly Column<ContactRecord>[] = [
  { title: 'wxid', cell: contact => contact.wxid, whole: true },
  { title: '名称 name', cell: contact => contact.name },
  { title: 'userId', cell: contact => contact.userId ?? '-', whole: true },
  { title: 'externalUserId', cell: contact => contact.externalUserId ?? '-', whole: true },
  { title: 'unionId', cell: contact => contact.unionId ?? '-', whole: true },
  {
    title: '关系 is',
    cell: contact => (contact.coworker ? '同事 coworker' : contact.isFriend ? '好友 friend' : '-'),
  },
  { title: '机器人 bot', cell: contact => contact.botId, whole: true },
]
