import { type MouseEvent, type ReactNode, useCallback } from 'react'
import { writeSearch } from './search-text.ts'
import { useUrlState } from './url-state.ts'

/** Where the rows of a list lead: to this page, with one of them open. */
export interface RowLinks {
  hrefOf(open: string): string
  press(event: MouseEvent<HTMLAnchorElement>): void
}

/**
 * A list has a hundred rows, and the router's own link asks it where each of them leads, again at every change of the address: that
 * is most of what such a page costs. Here it is said once for all. `replace`: while a panel is open, the next row takes its place.
 */
export function useRowLinks(replace: boolean): RowLinks {
  const [search, change] = useUrlState()
  const press = useCallback(
    (event: MouseEvent<HTMLAnchorElement>) => {
      // Whoever wants it in another tab has the browser do it.
      if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
      event.preventDefault()
      change({ open: event.currentTarget.dataset['row'] }, { replace })
    },
    [change, replace],
  )
  return { hrefOf: open => writeSearch({ ...search, open }), press }
}

interface RowLinkProps {
  /** What stands in the address while this row is open. */
  readonly row: string
  readonly href: string
  readonly isOpen: boolean
  readonly press: RowLinks['press']
  readonly children: ReactNode
}

/** The link of a row; j, k and the arrows find it. */
export function RowLink({ row, href, isOpen, press, children }: RowLinkProps) {
  return (
    <a href={href} data-row={row} onClick={press} {...(isOpen ? { 'aria-current': 'true' as const } : {})}>
      {children}
    </a>
  )
}
