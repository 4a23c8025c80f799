import { Button, FileButton, Modal, Progress } from '@mantine/core'
import { useState } from 'react'
import { SameThing } from '../frame/same-thing.tsx'
import { Complaint } from '../frame/say.tsx'
import { useMay } from '../frame/session.ts'
import { useWorkspaceId } from '../frame/url-state.ts'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { showCount } from '../show/moment.ts'
import { inLanguage } from '../words/in-language.ts'
import { ImportReport } from './import-report.tsx'
import { type Stage, useImport } from './use-import.ts'

/** Contacts from a file: what would come of it, then doing it, then what became of each line. */
export function ImportDialog() {
  const { contactImport: say, frame } = usePreferences().words
  const [isOpen, setOpen] = useState(false)
  const may = useMay('operator')
  return (
    <>
      <Button
        disabled={!may}
        title={may ? undefined : frame.roleTooLow(frame.roles.operator)}
        onClick={() => setOpen(true)}
      >
        {say.open}
      </Button>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title={say.title}
        size="xl"
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': frame.close }}
      >
        <Import />
      </Modal>
    </>
  )
}

function Import() {
  const { words, language } = usePreferences()
  const { contactImport: say } = words
  const workspace = useWorkspaceId()
  const { stage, choose, run, stop } = useImport(workspace)
  const name = 'file' in stage ? stage.file.name : 'customers.csv'
  const asCommand = { workspace, file: name } as object as { workspace: string; lines: [] }
  return (
    <div className="stack">
      <p className="quiet">{say.what}</p>
      {stage.at === 'choosing' && stage.failure && (
        <p role="alert" className="bad inset">
          {inLanguage(stage.failure.message, language)}
        </p>
      )}
      {(stage.at === 'choosing' || stage.at === 'told') && (
        <div className="row">
          <FileButton
            accept=".csv,.txt,.tsv,.json,text/csv"
            onChange={file => void (file && choose(file))}
            // The same file may be chosen again once it is mended.
            resetRef={{ current: null }}
          >
            {props => <Button {...props}>{stage.at === 'told' ? say.another : say.choose}</Button>}
          </FileButton>
        </div>
      )}
      {stage.at === 'reading' && <p role="status">{say.reading}</p>}
      {stage.at === 'running' && <Running stage={stage} stop={stop} />}
      {stage.at === 'told' && (
        <>
          <ImportReport stage={stage} run={run} />
          <Complaint failure={stage.failure} />
        </>
      )}
      <SameThing verb="import-contacts" input={asCommand} />
    </div>
  )
}

function Running({
  stage: { file, told, dryRun },
  stop,
}: {
  readonly stage: Extract<Stage, { at: 'running' }>
  stop(): void
}) {
  const { contactImport: say } = usePreferences().words
  const what = dryRun ? say.checking : say.importing
  return (
    <div className="stack" role="status">
      <div className="row">
        <span>{what}</span>
        <span className="num">{say.progress(showCount(told.length), showCount(file.lines.length))}</span>
        <span className="grow" />
        <Button onClick={stop}>{say.stop}</Button>
      </div>
      <Progress value={(100 * told.length) / file.lines.length} aria-label={what} />
    </div>
  )
}
