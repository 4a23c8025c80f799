import type { TrialBody } from '../processes/outbox-process.ts'

/** A callback as the write that owed it wrote it down. */
export interface Committed {
  readonly mark: string
  readonly room: string
  /** Counted from 1 in each room, in the order of the commits. */
  readonly n: number
}

/** A callback as the customer heard it. */
export interface Arrival extends TrialBody {
  readonly webhookId: unknown
  /** Whether the customer asked for it once more. */
  readonly refused: boolean
}

/** What a customer may complain of, by marks and rooms. */
export interface ArrivalVerdict {
  /** Committed, or acknowledged to be, and never heard. */
  readonly lost: string[]
  /** Heard, but never committed. */
  readonly invented: string[]
  /** Rooms whose callbacks were not first heard in the order of their commits (CB-8). */
  readonly outOfOrder: string[]
  /** Heard again although it had been taken (CB-9); each time counts. */
  readonly duplicates: number
  /** Heard again under another webhook-id (CB-9). */
  readonly renamed: string[]
}

export function judgeArrivals(
  committed: readonly Committed[],
  acknowledged: readonly string[],
  arrivals: readonly Arrival[],
): ArrivalVerdict {
  const known = new Set(committed.map(({ mark }) => mark))
  const last = new Map<string, Arrival>()
  const firsts = new Map<string, string[]>()
  const renamed = new Set<string>()
  let duplicates = 0
  for (const arrival of arrivals) {
    const before = last.get(arrival.mark)
    last.set(arrival.mark, arrival)
    if (!before) firsts.set(arrival.room, [...(firsts.get(arrival.room) ?? []), arrival.mark])
    if (before && !before.refused) duplicates++
    if (before && before.webhookId !== arrival.webhookId) renamed.add(arrival.mark)
  }

  const owedIn = Map.groupBy(
    committed.toSorted((one, other) => one.n - other.n),
    ({ room }) => room,
  )
  // What is lost or invented is told as such, and does not make the rest look disordered.
  const isInOrder = (room: string): boolean => {
    const heard = firsts.get(room)!.filter(mark => known.has(mark))
    const owed = owedIn.get(room)?.filter(({ mark }) => last.has(mark)) ?? []
    return owed.every(({ mark }, at) => mark === heard[at])
  }
  return {
    lost: [...known.union(new Set(acknowledged))].filter(mark => !known.has(mark) || !last.has(mark)),
    invented: [...last.keys()].filter(mark => !known.has(mark)),
    outOfOrder: [...firsts.keys()].filter(room => !isInOrder(room)),
    duplicates,
    renamed: [...renamed],
  }
}
