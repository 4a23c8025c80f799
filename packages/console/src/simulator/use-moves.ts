import type { Moved, VerbAsk, VerbName } from '@qunhub/wire'
import { createContext, useContext, useState } from 'react'
import { askVerb } from '../api/ask.ts'
import { useDoing } from '../api/use-doing.ts'
import { useReadAgain } from '../api/use-verb.ts'

export type MoveVerb = Extract<VerbName, `simulate-${string}` | 'clear-simulated-faults'>

/** What somebody moved, and when: what was caused by it is owed from then on. */
export interface Move extends Moved {
  readonly number: number
  readonly verb: MoveVerb
  /** Whom or what it was about, in words. */
  readonly about: string
}

const MOVES_SHOWN_MAX = 5

interface Asked<N extends MoveVerb = MoveVerb> {
  readonly verb: N
  readonly input: VerbAsk<N>
  readonly about: string
}

/** Moves the simulated world, and keeps the last moves, newest first. */
export function useMoves() {
  const readAgain = useReadAgain()
  const [moves, setMoves] = useState<readonly Move[]>([])
  const moving = useDoing({
    act: ({ verb, input }: Asked) => askVerb(verb, input),
    onDone: (moved, { verb, about }) => {
      setMoves(before =>
        [{ ...moved, verb, about, number: (before[0]?.number ?? 0) + 1 }, ...before].slice(
          0,
          MOVES_SHOWN_MAX,
        ),
      )
      readAgain()
    },
  })
  return {
    moves,
    error: moving.error,
    isPending: moving.isPending,
    move: <N extends MoveVerb>(verb: N, input: VerbAsk<N>, about: string) =>
      moving.mutate({ verb, input, about }),
  }
}

export type Mover = ReturnType<typeof useMoves>

export const MoverHere = createContext<Mover | undefined>(undefined)

export function useMover(): Mover {
  const mover = useContext(MoverHere)
  if (!mover) throw new Error('the simulator page has no mover')
  return mover
}
