import { Button } from '@mantine/core'
import type { LineOutcome } from '@qunhub/wire'
import type { ReportLine } from '@qunhub/wire/contact-file'
import { useQuery } from '@tanstack/react-query'
import { download } from '../frame/download.ts'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { showCount } from '../show/moment.ts'
import { reportCsv } from './report-csv.ts'
import { contactFile, type OpenFile, type Stage } from './use-import.ts'

/** More lines that were not taken than these are for the report. */
const LINES_SHOWN_MAX = 50

const TONES: Readonly<Record<LineOutcome, string>> = {
  updated: 'ok',
  unchanged: 'mute',
  unknown: 'wait',
  conflict: 'bad',
  malformed: 'bad',
}

interface ImportReportProps {
  readonly stage: Extract<Stage, { at: 'told' }>
  run(file: OpenFile, dryRun: boolean): Promise<void>
}

export function ImportReport({ stage, run }: ImportReportProps) {
  const { words, language } = usePreferences()
  const { contactImport: say } = words
  const { data: sharing } = useQuery({
    queryKey: ['contact-file'],
    queryFn: contactFile,
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (!sharing) return null
  const { file, dryRun, told } = stage
  const { countOutcomes, isTaken, outcomeWords, contactsIn } = sharing
  const wordOf = (outcome: LineOutcome) => outcomeWords[outcome][language === 'zh' ? 'chinese' : 'english']
  const left = file.lines.length - told.length
  const sendable = contactsIn(file.lines).length
  const odd = told.filter(line => !isTaken(line))
  const title = left > 0 ? say.stopped : dryRun ? say.preview(file.name) : say.done(file.name)
  return (
    <div className="stack">
      <h2>{title}</h2>
      <p role="status" className="row">
        {Object.entries(countOutcomes(told))
          .filter(([, count]) => count > 0)
          .map(([outcome, count]) => (
            <span key={outcome} className={`tag ${TONES[outcome as LineOutcome]}`}>
              {wordOf(outcome as LineOutcome)} {showCount(count)}
            </span>
          ))}
      </p>
      {left > 0 && <p className="wait inset">{say.left(showCount(left))}</p>}
      {odd.length > 0 && <Odd lines={odd} wordOf={wordOf} />}
      <div className="row">
        <Button
          onClick={() =>
            download(`${file.name}-report.csv`, reportCsv(told, file.lines), 'text/csv;charset=utf-8')
          }
        >
          {say.report}
        </Button>
        <span className="grow" />
        {(dryRun || left > 0) && (
          <Button variant="filled" disabled={sendable === 0} onClick={() => void run(file, false)}>
            {sendable === 0 ? say.nothing : dryRun ? say.submit(showCount(sendable)) : say.again}
          </Button>
        )}
      </div>
    </div>
  )
}

function Odd({
  lines,
  wordOf,
}: {
  readonly lines: readonly ReportLine[]
  wordOf(outcome: LineOutcome): string
}) {
  const { contactImport: say } = usePreferences().words
  return (
    <>
      <table className="fold" aria-label={say.odd}>
        <thead>
          <tr>
            <th className="num">{say.line}</th>
            <th>{say.outcome}</th>
            <th>{say.why}</th>
          </tr>
        </thead>
        <tbody>
          {lines.slice(0, LINES_SHOWN_MAX).map(({ line, outcome, problems = [] }) => (
            <tr key={line}>
              <td className="num">{line}</td>
              <td>
                <span className={`tag ${TONES[outcome]}`}>{wordOf(outcome)}</span>
              </td>
              <td>{problems.map(({ field, message }) => `${field}: ${message}`).join('; ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {lines.length > LINES_SHOWN_MAX && <p className="quiet">{say.more(showCount(lines.length))}</p>}
    </>
  )
}
