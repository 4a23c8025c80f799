import { Button } from '@mantine/core'
import type { VerbAsk } from '@qunhub/wire'
import { useMay } from '../frame/session.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { type MoveVerb, useMover } from './use-moves.ts'

interface MoveButtonProps<N extends MoveVerb> {
  readonly verb: N
  readonly input: VerbAsk<N>
  readonly about: string
  readonly children: string
  /** What is read out where the words on it do not say whom it is about. */
  readonly label?: string
  readonly disabled?: boolean
}

/** Moves the world by one step. */
export function MoveButton<N extends MoveVerb>(props: MoveButtonProps<N>) {
  const { verb, input, about, children, label, disabled = false } = props
  const { frame } = useWords()
  const may = useMay('operator')
  const { move, isPending } = useMover()
  return (
    <Button
      size="compact-sm"
      disabled={!may || isPending || disabled}
      {...(may ? {} : { title: frame.roleTooLow(frame.roles.operator) })}
      {...(label ? { 'aria-label': label } : {})}
      onClick={() => move(verb, input, about)}
    >
      {children}
    </Button>
  )
}
