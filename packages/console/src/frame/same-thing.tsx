import type { VerbAsk, VerbName } from '@qunhub/wire'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { apiBase } from '../api/api-base.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { CopyButton } from './copyable.tsx'
import { apiLine, commandLine } from './same-thing.ts'

/** What the contract says of a verb, once somebody wants to see it. */
export const useDeclared = (verb: VerbName, isWanted: boolean) =>
  useQuery({
    queryKey: ['declared', verb],
    queryFn: async () => (await import('./declared.ts')).declaredOf(verb),
    enabled: isWanted,
    staleTime: Number.POSITIVE_INFINITY,
  })

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
  const declared = useDeclared(verb, isOpen)
  const lines = declared.data
    ? [commandLine(declared.data, input), apiLine(apiBase(), verb, declared.data, input)].filter(
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
