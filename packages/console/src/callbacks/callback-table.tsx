import type { CallbackRecord } from '@qunhub/wire'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { memo, useLayoutEffect, useRef, useState } from 'react'
import { Moment } from '../frame/moment.tsx'
import { NewsLine } from '../frame/news-line.tsx'
import { NextButton } from '../frame/next-button.tsx'
import { RowLink, type RowLinks, useRowLinks } from '../frame/row-link.tsx'
import { Failure, Nothing, Waiting } from '../frame/say.tsx'
import { useWords } from '../preferences/use-preferences.tsx'
import { showCount } from '../show/moment.ts'
import { type CallbackFilter, isFiltered } from './filters.ts'
import { lastOf, toneOf } from './sentence.ts'
import type { useCallbackList } from './use-callback-list.ts'

const ROW_HEIGHT_PX = 41
/** Each row costs its time when the page comes; those that are missing come while it is scrolled. */
const ROWS_AROUND = 10
const COLUMNS = 6

interface CallbackTableProps {
  readonly list: ReturnType<typeof useCallbackList>
  readonly open: number | string | undefined
  readonly filter: CallbackFilter
}

export function CallbackTable({ list, open, filter }: CallbackTableProps) {
  const { callbacks: words, frame } = useWords()
  const { rows, news, atLeast, shown, failure } = list
  if (shown.isPending)
    return (
      <section className="box">
        <Waiting rows={12} />
      </section>
    )
  return (
    <section className="box" aria-label={frame.pages.callbacks}>
      {failure && <Failure failure={failure} again={() => void shown.refetch()} />}
      <NewsLine
        news={news > 0 ? words.news(news, atLeast) : undefined}
        none={words.noNews}
        show={() => void list.showNews()}
      />
      {rows.length > 0 && <Rows rows={rows} open={open} />}
      {rows.length === 0 && !failure && list.lookedTo !== undefined && (
        <p className="wait inset" role="status">
          {list.isLookingOn
            ? words.looking(showCount(list.lookedTo))
            : words.lookedSoFar(showCount(list.lookedTo))}
        </p>
      )}
      {rows.length === 0 && !failure && !shown.hasNextPage && (
        <Nothing title={isFiltered(filter) ? words.noneFits : words.none}>
          <p>{isFiltered(filter) ? null : words.noneWhy}</p>
        </Nothing>
      )}
      {(rows.length > 0 || shown.hasNextPage) && (
        <footer>
          {shown.hasNextPage ? (
            <NextButton
              key={JSON.stringify(filter)}
              cursor={rows.at(-1)?.id}
              isReading={shown.isFetchingNextPage}
              next={() => void shown.fetchNextPage()}
            >
              {rows.length > 0 ? words.older : words.lookOn}
            </NextButton>
          ) : (
            <small>{words.end}</small>
          )}
        </footer>
      )}
    </section>
  )
}

/** Only the rows about what is looked at are there; the others are two rows as high as they would be. */
function Rows({
  rows,
  open,
}: {
  readonly rows: readonly CallbackRecord[]
  readonly open: CallbackTableProps['open']
}) {
  const { callbacks: words } = useWords()
  const body = useRef<HTMLTableSectionElement>(null)
  const [top, setTop] = useState(0)
  useLayoutEffect(
    () => setTop(body.current ? body.current.getBoundingClientRect().top + window.scrollY : 0),
    [],
  )
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_HEIGHT_PX,
    overscan: ROWS_AROUND,
    scrollMargin: top,
    getItemKey: at => rows[at]?.id ?? at,
  })
  const { hrefOf, press } = useRowLinks(open !== undefined)
  const items = virtual.getVirtualItems()
  const above = (items[0]?.start ?? top) - top
  const below = virtual.getTotalSize() - ((items.at(-1)?.end ?? top) - top)
  return (
    <table className="fold">
      <thead>
        <tr>
          <th>{words.owedAt}</th>
          <th>{words.kind}</th>
          <th>{words.room}</th>
          <th>{words.state}</th>
          <th className="num wide">{words.attempts}</th>
          <th className="num">{words.last}</th>
        </tr>
      </thead>
      <tbody ref={body}>
        <Gap height={above} />
        {items.map(({ index, key }) => {
          const callback = rows[index]
          return (
            callback && (
              <Row
                key={key}
                callback={callback}
                at={index}
                href={hrefOf(String(callback.id))}
                isOpen={open === callback.id || open === callback.webhookId}
                press={press}
                measure={virtual.measureElement}
              />
            )
          )
        })}
        <Gap height={below} />
      </tbody>
    </table>
  )
}

const Gap = ({ height }: { readonly height: number }) =>
  height > 0 ? (
    <tr style={{ height, display: 'table-row', padding: 0 }}>
      <td colSpan={COLUMNS} style={{ padding: 0, height, border: 0 }} />
    </tr>
  ) : null

interface RowProps {
  readonly callback: CallbackRecord
  readonly at: number
  readonly href: string
  readonly isOpen: boolean
  readonly press: RowLinks['press']
  measure(row: HTMLTableRowElement | null): void
}

/** The list is drawn anew at every step that it is scrolled; a row only when something of it is other than before. */
const Row = memo(function Row({ callback, at, href, isOpen, press, measure }: RowProps) {
  const { id, owedAt, kind, room, attempts } = callback
  return (
    <tr ref={measure} data-index={at} className={isOpen ? 'picks on' : 'picks'}>
      <td>
        <RowLink row={String(id)} href={href} isOpen={isOpen} press={press}>
          <Moment at={owedAt} />
        </RowLink>
      </td>
      <td className="mono">{kind}</td>
      <td className="mono" title={room}>
        {room}
      </td>
      <td>
        <StateTag callback={callback} />
      </td>
      <td className="num hide wide">{attempts}</td>
      <td className="num hide mono">{lastOf(callback) || '—'}</td>
    </tr>
  )
})

/** The state in a word, or when it is tried again. */
export function StateTag({ callback }: { readonly callback: CallbackRecord }) {
  const { callbacks: words } = useWords()
  return <span className={`tag ${toneOf(callback)}`}>{words.states[callback.state]}</span>
}
