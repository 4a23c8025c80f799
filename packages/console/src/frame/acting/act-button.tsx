import { Button } from '@mantine/core'
import type { Role, VerbAsk, VerbName } from '@qunhub/wire'
import { type ReactNode, useState } from 'react'
import { useWords } from '../../preferences/use-preferences.tsx'
import { commandLine } from '../same-thing.ts'
import { useDeclared } from '../same-thing.tsx'
import { useMay } from '../session.ts'

interface ActButtonProps<N extends VerbName> {
  readonly verb: N
  readonly input: VerbAsk<N>
  readonly doing: { readonly isPending: boolean; mutate(input: VerbAsk<N>): void }
  readonly needs: Role
  readonly isSmall?: boolean
  readonly disabled?: boolean
  readonly children: ReactNode
}

/**
 * A verb as a button that does it at once. Whoever points at it sees the same thing as a command; while it is done it cannot be
 * pressed.
 */
export function ActButton<N extends VerbName>(props: ActButtonProps<N>) {
  const { verb, input, doing, needs, isSmall = false, disabled = false, children } = props
  const { frame } = useWords()
  const may = useMay(needs)
  const [isPointed, setPointed] = useState(false)
  const declared = useDeclared(verb, isPointed)
  const command = declared.data && commandLine(declared.data, input)
  return (
    <Button
      {...(isSmall ? { size: 'compact-sm' } : {})}
      disabled={!may || disabled}
      title={may ? command : frame.roleTooLow(frame.roles[needs])}
      loading={doing.isPending}
      onPointerEnter={() => setPointed(true)}
      onFocus={() => setPointed(true)}
      onClick={() => doing.mutate(input)}
    >
      {children}
    </Button>
  )
}
