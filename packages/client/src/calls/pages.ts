import type { Answer, CallOptions, Done } from './answer.ts'
import { Refused } from './failure.ts'

/** One page of a list, as its endpoint answers it. */
export type ReadPage<Row> = (
  ask: { readonly current: number; readonly pageSize: number },
  options: CallOptions,
) => Promise<Answer<PageReply<Row>, string>>

export interface PageReply<Row> {
  readonly data: readonly Row[]
  readonly page: { readonly total: number }
}

export interface PagesOptions extends CallOptions {
  /** Rows a page, 1 to 100. */
  readonly pageSize?: number | undefined
}

const PAGE_SIZE_MAX = 100

/**
 * Row after row of a list that comes in pages. While the rows of one page are used the next one is already on its way, and
 * no more than that one; whoever stops in between calls it off. Rows that go while they are read move the others up, so that
 * one may be passed over: read again what has to be whole.
 */
export async function* eachRow<Row>(
  path: string,
  first: 0 | 1,
  read: ReadPage<Row>,
  { signal, pageSize = PAGE_SIZE_MAX, ...rest }: PagesOptions = {},
): AsyncGenerator<Row, void, undefined> {
  // The page reads a larger one as 100 and says nothing of it.
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > PAGE_SIZE_MAX)
    throw new RangeError(`pageSize: 1…${PAGE_SIZE_MAX}`)
  const left = new AbortController()
  const giveUp = () => left.abort(signal?.reason)
  if (signal?.aborted) giveUp()
  signal?.addEventListener('abort', giveUp, { once: true })

  const ask = async (number: number): Promise<Done<PageReply<Row>>> => {
    const answer = await read({ current: first + number, pageSize }, { ...rest, signal: left.signal })
    if (!answer.ok) throw new Refused(path, answer)
    return answer
  }
  try {
    let coming: Promise<Done<PageReply<Row>>> | null = ask(0)
    let rows = 0
    for (let number = 1; coming; number++) {
      const { data, page }: PageReply<Row> = await coming
      // By the rows that came: a server may keep its pages shorter than they were asked for.
      rows += data.length
      const isLast: boolean = data.length === 0 || rows >= page.total
      coming = isLast ? null : ask(number)
      // It is looked at when its turn comes, or never, when the reader has gone.
      coming?.catch(() => {})
      yield* data
    }
  } finally {
    signal?.removeEventListener('abort', giveUp)
    left.abort(new DOMException('the reader has gone', 'AbortError'))
  }
}
