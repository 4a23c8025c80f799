import { type LineOutcome, type OperatorReply, operatorVerbs } from '@qunhub/wire'
import {
  contactsIn,
  countOutcomes,
  isTaken,
  type LineProblem,
  type NumberedLine,
  outcomeWords,
  partsOf,
  type ReportLine,
  reportOf,
} from '@qunhub/wire/contact-file'
import type { Config } from '../config/config.ts'
import type { OwnWay } from './answers/answer.ts'
import { ask } from './ask.ts'
import { readCliConfig } from './cli-config.ts'
import { EXIT_DONE, EXIT_FAILED } from './exit-codes.ts'
import { readContactFile } from './read/read-contact-file.ts'
import { openProgressBar } from './show/progress-bar.ts'
import { type Column, renderTable } from './show/table.ts'
import { json, tellRefusal } from './tell.ts'

/** More lines that could not be taken than these are for `--json`. */
const LINES_SHOWN_MAX = 50

const { output } = operatorVerbs['import-contacts']

/**
 * A file has as many requests as it needs. What earlier ones wrote stays when a later one fails, so what became of their lines
 * is told even then.
 */
export const importCommand: OwnWay = {
  fills: ['lines'],
  places: { file: 'CSV 或 JSON 文件 / a file of CSV or JSON' },
  declare(command, shell, exitWith) {
    command.addHelpText(
      'after',
      '\nCSV (首行为列名; 逗号、分号或制表符分隔; UTF-8 或 GB18030) 或 JSON 数组; 列: wxid, externalUserId, unionId / CSV with a header (commas, semicolons or tabs; UTF-8 or GB18030), or a JSON list',
    )
    command.action(async (file: string) => {
      const options = command.optsWithGlobals<{ json?: true; dataDir?: string } & Choice>()
      const config = readCliConfig(shell.env, options.dataDir)
      const lines = await readContactFile(file)
      const { workspace = config.workspace, dryRun = false } = options
      const told: ReportLine[] = []
      try {
        const refused = await importAll(config, lines, { workspace, dryRun }, { shell, told })
        exitWith(refused ? tellRefusal(refused, shell, options.json === true) : endOf(told))
      } finally {
        const report = { dryRun, counts: countOutcomes(told), lines: told, left: lines.length - told.length }
        if (told.length > 0) shell.out(options.json ? json(forPrograms(report)) : `${show(report)}\n`)
      }
    })
  },
}

interface Choice {
  readonly workspace?: string | undefined
  readonly dryRun?: boolean
}

type Refused = OperatorReply & { readonly ok: false }

/** Puts into `told` what became of each line, request by request; returns the refusal that ended it, if one did. */
async function importAll(
  config: Config,
  lines: readonly NumberedLine[],
  choice: Choice,
  { shell, told }: { shell: Parameters<typeof openProgressBar>[0]; told: ReportLine[] },
): Promise<Refused | undefined> {
  const bar = openProgressBar(shell)
  try {
    for (const part of partsOf(lines)) {
      const some = await importSome(config, part, choice)
      if ('refused' in some) return some
      told.push(...some)
      bar.show('导入 import', { table: 'contact', rows: told.length, of: lines.length })
    }
  } finally {
    bar.end()
  }
}

/** What became of each line; those that can be sent go to the gateway in one request. */
async function importSome(
  config: Config,
  part: readonly NumberedLine[],
  choice: Choice,
): Promise<ReportLine[] | Refused> {
  const sent = contactsIn(part)
  if (sent.length === 0) return reportOf(part, [])
  const reply = await ask(config, 'import-contacts', { ...choice, lines: sent })
  return reply.ok ? reportOf(part, output.parse(reply.value).lines) : reply
}

interface Report {
  readonly dryRun: boolean
  readonly counts: Record<LineOutcome, number>
  /** Lines of which nothing was heard because something failed; they may have been taken all the same. */
  readonly left: number
  readonly lines: readonly ReportLine[]
}

const forPrograms = ({ left, ...told }: Report) => (left > 0 ? { ...told, left } : told)

const endOf = (told: readonly ReportLine[]): number => (told.every(isTaken) ? EXIT_DONE : EXIT_FAILED)

function show({ dryRun, counts, left, lines }: Report): string {
  const odd = lines.filter(told => !isTaken(told))
  const counted = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${wordsOf(outcome as LineOutcome)} ${count}`)
    .join(', ')
  return [
    ...(odd.length > 0 ? [renderTable(odd.slice(0, LINES_SHOWN_MAX), reportColumns)] : []),
    ...(odd.length > LINES_SHOWN_MAX
      ? [`… 共 ${odd.length} 行, 加 --json 看全部 / of ${odd.length} lines; --json shows all`]
      : []),
    `${dryRun ? '试运行, 未改动 / dry run, nothing was changed: ' : ''}${counted}`,
    ...(left > 0
      ? [
          `其余 ${left} 行未确认, 重新导入不会重复 / ${left} more lines were not told of; importing again is harmless`,
        ]
      : []),
  ].join('\n')
}

const wordsOf = (outcome: LineOutcome): string => {
  const { chinese, english } = outcomeWords[outcome]
  return `${chinese} ${english}`
}

const reportColumns: readonly Column<ReportLine>[] = [
  { title: '行 line', cell: told => told.line },
  { title: '结果 outcome', cell: told => wordsOf(told.outcome) },
  // Whole: what a cell should be stands at the end.
  { title: '列 column', cell: told => columnsOf(told.problems ?? []), whole: true },
]

const columnsOf = (problems: readonly LineProblem[]): string =>
  problems.map(({ field, message }) => `${field}: ${message}`).join('; ')
