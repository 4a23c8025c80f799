import type { VerbAsk, VerbName } from '@qunhub/wire'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { consoleRoot } from '../api/console-root.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { CopyButton } from './copyable.tsx'
import { apiLine, commandLine } from './same-thing.ts'

/** Where the API is: beside the console. */
const base = () => new URL('..', new URL(consoleRoot(import.meta.url), location.href)).href

/** What a form does, for who would rather type it or have a program do it. The contract is loaded when somebody wants to see it. */
export function SameThing<N extends VerbName>({
  verb,
  input,
}: {
  readonly verb: N
  readonly input: VerbAsk<N>
}) {
  const { frame } = useWords()
  const [isOpen, setOpen] = useState(false)
  const declared = useQuery({
    queryKey: ['declared', verb],
    queryFn: async () => (await import('./declared.ts')).declaredOf(verb),
    enabled: isOpen,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const lines = declared.data
    ? [commandLine(declared.data, input), apiLine(base(), verb, declared.data, input)].filter(
        line => line !== undefined,
      )
    : []
  return (
    <details onToggle={event => setOpen(event.currentTarget.open)}>
      <summary className="quiet">{frame.sameThing}</summary>
      <pre>{lines.join('\n\n') || frame.loading}</pre>
      <CopyButton text={() => lines.join('\n')}>{frame.copy}</CopyButton>
    </details>
  )
}
