import { Link } from '@tanstack/react-router'
import type { ComponentProps, ReactNode } from 'react'
import type { Search } from './search-text.ts'
import { type Change, useWorkspaceId } from './url-state.ts'

interface PageLinkProps
  extends Pick<ComponentProps<'a'>, 'className' | 'aria-current' | 'aria-label' | 'title'> {
  /** Behind the workspace: `bots/5dbe…`. */
  readonly page: string
  readonly search?: Change
  readonly children: ReactNode
  readonly isRow?: boolean
  readonly onClick?: () => void
}

/** A link to a page of the same workspace. */
export function PageLink({ page, search = {}, children, isRow = false, ...rest }: PageLinkProps) {
  const workspace = useWorkspaceId()
  return (
    <Link
      to={`/w/${workspace}/${page}`}
      search={search as Search}
      activeProps={{}}
      {...(isRow ? { 'data-row': '' } : {})}
      {...rest}
    >
      {children}
    </Link>
  )
}

interface HereLinkProps extends Omit<PageLinkProps, 'page' | 'search'> {
  /** What becomes other in the address of this page; the rest stays. */
  readonly change: Change
  readonly replace?: boolean
}

/** A link to this page in another state. */
export function HereLink({ change, children, isRow = false, replace = false, ...rest }: HereLinkProps) {
  return (
    <Link
      to="."
      search={(before: object) => ({ ...before, ...change })}
      replace={replace}
      resetScroll={false}
      activeOptions={{ exact: true, includeSearch: true, explicitUndefined: true }}
      activeProps={{}}
      {...(isRow ? { 'data-row': '' } : {})}
      {...rest}
    >
      {children}
    </Link>
  )
}

export const HomeLink = ({ children }: { readonly children: ReactNode }) => <Link to="/">{children}</Link>
