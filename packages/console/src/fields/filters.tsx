import { Button } from '@mantine/core'
import { type ReactNode, useId, useState } from 'react'
import { useWords } from '../preferences/use-preferences.tsx'

interface FiltersProps {
  /** How many are chosen. */
  readonly chosen: number
  readonly children: ReactNode
}

/** By what a list is filtered, in a row; on a phone it would fill half the screen, and stands behind one button instead. */
export function Filters({ chosen, children }: FiltersProps) {
  const { frame } = useWords()
  const [isOpen, setOpen] = useState(false)
  const id = useId()
  return (
    <>
      <Button
        className="unfold"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(before => !before)}
      >
        {frame.filters(chosen)}
      </Button>
      <div id={id} className={isOpen ? 'filters folds open' : 'filters folds'}>
        {children}
      </div>
    </>
  )
}
