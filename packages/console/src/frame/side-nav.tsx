import { useLocation } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { consoleRoot } from '../api/console-root.ts'
import { useVerb } from '../api/use-verb.ts'
import { needsSomebody } from '../bots/standing.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { PageLink } from './page-link.tsx'
import { DAILY_PAGES, MANAGE_PAGES, OWNERS_PAGES, type PageName, SIMULATED_PAGES } from './pages.ts'
import { useMay, useSignedIn } from './session.ts'
import { useWorkspaceId } from './url-state.ts'

const icon = `${consoleRoot(import.meta.url)}icon.svg`

/** Which page an address shows: what stands behind the workspace. */
export const pageOf = (path: string): string => /\/w\/[^/]+\/([^/]+)/.exec(path)?.[1] ?? ''

interface SideNavProps {
  readonly onChosen?: () => void
  /** Below the pages. */
  readonly children?: ReactNode
}

export function SideNav({ onChosen, children }: SideNavProps) {
  const { frame } = useWords()
  const here = pageOf(useLocation().pathname)
  const isOwner = useMay('owner')
  const { simulated } = useSignedIn()
  const bots = useVerb('list-bots', { workspace: useWorkspaceId() })
  const unwell = bots.data?.bots.filter(({ session }) => needsSomebody(session)).length ?? 0
  const managing = MANAGE_PAGES.filter(page => isOwner || !OWNERS_PAGES.includes(page))
  const entry = (name: PageName) => (
    <PageLink
      key={name}
      page={name}
      {...(here === name ? { 'aria-current': 'page' as const } : {})}
      {...(onChosen ? { onClick: onChosen } : {})}
    >
      {frame.pages[name]}
      {name === 'bots' && unwell > 0 && <b>{unwell}</b>}
    </PageLink>
  )
  return (
    <nav className="side" aria-label={frame.nav}>
      <div className="brand">
        <img src={icon} alt="" />
        {frame.name}
      </div>
      {DAILY_PAGES.map(entry)}
      {simulated && SIMULATED_PAGES.map(entry)}
      <small>{frame.manage}</small>
      {managing.map(entry)}
      {children}
    </nav>
  )
}
