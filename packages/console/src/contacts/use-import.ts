import type { NumberedLine, ReportLine } from '@qunhub/wire/contact-file'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { askVerb } from '../api/ask.ts'
import { runImport } from './import-run.ts'

/** Loaded when somebody has a file: it brings the contract. */
export const contactFile = () => import('@qunhub/wire/contact-file')

export interface OpenFile {
  readonly name: string
  readonly lines: readonly NumberedLine[]
}

/** Where it is: nothing chosen, being read, being looked at or imported, or told of. */
export type Stage =
  | { readonly at: 'choosing'; readonly failure: Error | null }
  | { readonly at: 'reading'; readonly name: string }
  | Running
  | (Omit<Running, 'at'> & { readonly at: 'told'; readonly failure: Error | null })

interface Running {
  readonly at: 'running'
  readonly file: OpenFile
  readonly dryRun: boolean
  readonly told: readonly ReportLine[]
}

export function useImport(workspace: string) {
  const [stage, setStage] = useState<Stage>({ at: 'choosing', failure: null })
  const underWay = useRef(new AbortController())
  const client = useQueryClient()
  useEffect(() => () => underWay.current.abort(), [])

  async function run(file: OpenFile, dryRun: boolean): Promise<void> {
    underWay.current = new AbortController()
    const { signal } = underWay.current
    let told: readonly ReportLine[] = []
    setStage({ at: 'running', file, dryRun, told })
    try {
      const send = async (lines: object[]) =>
        (await askVerb('import-contacts', { workspace, lines, dryRun }, signal)).lines
      const tell = (report: readonly ReportLine[]) => {
        told = report
        setStage({ at: 'running', file, dryRun, told })
      }
      await runImport({ lines: file.lines, send, left: signal, tell }, await contactFile())
      setStage({ at: 'told', file, dryRun, told, failure: null })
    } catch (failure) {
      if (!(failure instanceof Error)) throw failure
      // Who stopped it knows why it is not finished.
      setStage({ at: 'told', file, dryRun, told, failure: signal.aborted ? null : failure })
    }
    if (!dryRun) void client.invalidateQueries({ queryKey: ['list-contacts'] })
  }

  /** Reads it, and looks at once what would come of it. */
  async function choose(chosen: File): Promise<void> {
    const { name } = chosen
    setStage({ at: 'reading', name })
    const { readContacts, requireNotTooLarge, NoContacts } = await contactFile()
    try {
      requireNotTooLarge(chosen.size)
      const lines = readContacts(new Uint8Array(await chosen.arrayBuffer()))
      await run({ name, lines }, true)
    } catch (failure) {
      if (!(failure instanceof NoContacts || failure instanceof DOMException)) throw failure
      setStage({ at: 'choosing', failure })
    }
  }

  return { stage, choose, run, stop: () => underWay.current.abort() }
}
