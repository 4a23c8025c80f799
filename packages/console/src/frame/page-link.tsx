import { Link } from '@tanstack/react-router'
import type { ComponentProps, ReactNode } from 'react'
import type { Search } from './search-text.ts'
import { type Change, useWorkspaceId } from './url-state.ts'

interface PageLinkProps
  extends Pick<ComponentProps<'a'>, 'className' | 'aria-current' | 'aria-label' | 'title'> {
  /** Behind the workspace: `bots/5dbe…`. */
  readonly page: string
  readonly search?: Change
  /** Another one than this page's. */
  readonly workspace?: string
  readonly children: ReactNode
  readonly isRow?: boolean
  readonly onClick?: () => void
}

/** A link to a page of the same workspace. */
export function PageLink(props: PageLinkProps) {
  const here = useWorkspaceId()
  const { page, search = {}, workspace = here, children, isRow = false, ...rest } = props
  return (
    <Link
      to={`/w/${workspace}/${page}`}
      search={search as Search}
      activeProps={{}}
      // Whoever points at a page has its code by the time he presses.
      preload="intent"
      {...(isRow ? { 'data-row': '' } : {})}
      {...rest}
    >
      {children}
    </Link>
  )
}

interface HereLinkProps extends Omit<PageLinkProps, 'page' | 'search' | 'workspace' | 'isRow'> {
  /** What becomes other in the address of this page; the rest stays. */
  readonly change: Change
  readonly replace?: boolean
}

/** A link to this page in another state. */
export function HereLink({ change, children, replace = false, ...rest }: HereLinkProps) {
  return (
    <Link
      to="."
      search={(before: object) => ({ ...before, ...change })}
      replace={replace}
      resetScroll={false}
      activeOptions={{ exact: true, includeSearch: true, explicitUndefined: true }}
      activeProps={{}}
      {...rest}
    >
      {children}
    </Link>
  )
}

export const HomeLink = ({ children }: { readonly children: ReactNode }) => <Link to="/">{children}</Link>
