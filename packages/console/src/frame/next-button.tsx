import { Button } from '@mantine/core'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { HereLink } from './page-link.tsx'

interface NextButtonProps {
  /** Behind which row the next part begins. */
  readonly cursor: string | number | null | undefined
  /** There is none. It stays where it is, because whoever presses it must not meet what stands beside it. */
  readonly isLast?: boolean
  /** The part before is not there yet. */
  readonly isReading: boolean
  readonly next: () => void
  /** What the link to the first part says, where another one is shown. */
  readonly first?: string | undefined
  readonly children: ReactNode
}

/**
 * Shows what comes next of a list. It changes nothing, so whoever presses it twice wants two parts, however fast he does so: a press that
 * comes while one is read is carried out when that is there. What was wanted of one list is wanted of no other: whoever draws it
 * gives it a key for each list.
 */
export function NextButton({ cursor, isLast = false, isReading, next, first, children }: NextButtonProps) {
  const [isWanted, want] = useState(false)
  /** It is asked for already, and not drawn yet. */
  const isAsked = useRef(false)
  const ask = () => {
    isAsked.current = true
    next()
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever came of it, another cursor or the end of a reading is another moment.
  useEffect(() => {
    isAsked.current = false
    if (!isWanted || isReading) return
    want(false)
    if (!isLast) ask()
  }, [cursor, isReading])
  return (
    <>
      <Button
        disabled={isLast}
        data-again
        aria-busy={isReading}
        onClick={() => (isReading || isAsked.current ? want(true) : ask())}
      >
        {children}
      </Button>
      {first && (
        <HereLink change={{ after: undefined }} onClick={() => want(false)}>
          {first}
        </HereLink>
      )}
    </>
  )
}
