/**
 * A file of contacts on its way to the gateway, part by part: first to see what would come of it, then to import it. What was told
 * stays when it breaks off or is stopped, and whoever imports it again does nothing twice.
 */
import type { ContactLine, VerbOutput } from '@qunhub/wire'
import type { NumberedLine, ReportLine } from '@qunhub/wire/contact-file'

type Told = VerbOutput<'import-contacts'>['lines']
type Sharing = Pick<typeof import('@qunhub/wire/contact-file'), 'contactsIn' | 'partsOf' | 'reportOf'>

export interface ImportRun {
  readonly lines: readonly NumberedLine[]
  readonly send: (contacts: ContactLine[]) => Promise<Told>
  readonly left: AbortSignal
  readonly tell: (told: readonly ReportLine[]) => void
}

/** Rejects with what `send` rejects with; `tell` has been told of everything before it. */
export async function runImport(
  { lines, send, left, tell }: ImportRun,
  { contactsIn, partsOf, reportOf }: Sharing,
): Promise<void> {
  const told: ReportLine[] = []
  for (const part of partsOf(lines)) {
    left.throwIfAborted()
    const sent = contactsIn(part)
    told.push(...reportOf(part, sent.length === 0 ? [] : await send(sent)))
    tell([...told])
  }
}
