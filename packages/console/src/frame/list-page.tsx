import type { ReactNode } from 'react'
import { useWords } from '../preferences/use-preferences.tsx'
import type { PageName } from './pages.ts'
import { Failure, Nothing, Waiting } from './say.tsx'
import { Unnamed } from './unnamed.tsx'

/** The title of a column: of numbers, of buttons, or of whatever else. */
export type Column = string | { readonly number: string } | 'actions'

interface ListPageProps<Row> {
  readonly page: PageName
  /** How the rows are read. */
  readonly read: { readonly error: Error | null; refetch(): Promise<unknown> }
  /** Undefined until they are read. */
  readonly rows: readonly Row[] | undefined
  readonly columns: readonly Column[]
  /** What is said where there are none, and what to do about it. */
  readonly none?: { readonly title: string; readonly why?: string }
  /** Beside the title. */
  readonly actions?: ReactNode
  readonly footer?: ReactNode
  /** About as many rows as there will be. */
  readonly waits?: number
  /** One `<tr>`. */
  readonly children: (row: Row) => ReactNode
}

/** A page that is one list: it waits, complains, is empty, or shows its table, each at the same place. */
export function ListPage<Row>(props: ListPageProps<Row>) {
  const { page, read, rows, columns, none, actions, footer, waits = 6, children } = props
  const { frame } = useWords()
  return (
    <>
      <div className="head">
        <h1>{frame.pages[page]}</h1>
        <span className="grow" />
        {actions}
      </div>
      <section className="box" aria-label={frame.pages[page]}>
        {read.error && <Failure failure={read.error} again={() => void read.refetch()} />}
        {!rows && !read.error && <Waiting rows={waits} />}
        {rows?.length === 0 && none && (
          <Nothing title={none.title}>{none.why !== undefined && <p>{none.why}</p>}</Nothing>
        )}
        {rows && rows.length > 0 && (
          <table className="fold">
            <thead>
              <tr>{columns.map(titleOf)}</tr>
            </thead>
            <tbody>{rows.map(children)}</tbody>
          </table>
        )}
        {footer}
      </section>
    </>
  )
}

function titleOf(column: Column) {
  if (column === 'actions') return <Unnamed key="actions" />
  if (typeof column === 'string') return <th key={column}>{column}</th>
  return (
    <th key={column.number} className="num">
      {column.number}
    </th>
  )
}
