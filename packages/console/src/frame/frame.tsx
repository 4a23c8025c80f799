import { Drawer } from '@mantine/core'
import { Outlet, useLocation } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import { LOOK_EVERY_MS } from '../api/use-verb.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { KeysHelp, useKeys } from './keys.tsx'
import { HomeLink } from './page-link.tsx'
import type { PageName } from './pages.ts'
import { Nothing } from './say.tsx'
import { useSignedIn } from './session.ts'
import { pageOf, SideNav } from './side-nav.tsx'
import { ShownAs, TopBar } from './top-bar.tsx'
import { useWorkspaceId } from './url-state.ts'
import { useLeaving } from './use-leaving.ts'
import { useLost } from './use-lost.ts'

/** Loaded when somebody first asks for it. */
const Palette = lazy(async () => ({ default: (await import('../palette/palette.tsx')).Palette }))

/** What stands around every page of a workspace. */
export function Frame() {
  const { frame } = useWords()
  const { workspaces, simulated } = useSignedIn()
  const id = useWorkspaceId()
  const page = pageOf(useLocation().pathname) as PageName
  const [isMenuOpen, setMenuOpen] = useState(false)
  const [isHelpOpen, setHelpOpen] = useState(false)
  const [isFinding, setFinding] = useState(false)
  useKeys({ help: () => setHelpOpen(true), find: () => setFinding(true) })
  const isLost = useLost()
  const isLeaving = useLeaving()
  const workspace = workspaces.find(each => each.id === id)
  useEffect(() => {
    document.title = [frame.pages[page], workspace?.name, frame.name].filter(Boolean).join(' · ')
  }, [frame, page, workspace])

  if (!workspace)
    return (
      <main className="door">
        <Nothing title={frame.unknownWorkspace}>
          <p>{frame.unknownWorkspaceWhy(id)}</p>
          <HomeLink>{frame.back}</HomeLink>
        </Nothing>
      </main>
    )
  return (
    <div className="app">
      <a className="skip" href="#main">
        {frame.skip}
      </a>
      <SideNav />
      <Drawer
        opened={isMenuOpen}
        onClose={() => setMenuOpen(false)}
        size={240}
        padding={0}
        withCloseButton={false}
        attributes={{ content: { 'aria-label': frame.menu } }}
      >
        <SideNav onChosen={() => setMenuOpen(false)}>
          <div className="row">
            <ShownAs />
          </div>
        </SideNav>
      </Drawer>
      <div>
        <header>
          <TopBar
            workspace={workspace}
            openMenu={() => setMenuOpen(true)}
            openHelp={() => setHelpOpen(true)}
          />
          {isLost && (
            <p className="lost" role="status">
              {frame.lost(LOOK_EVERY_MS / 1000)}
            </p>
          )}
          {simulated && <p className="sim">{frame.simulated}</p>}
        </header>
        <main id="main" tabIndex={-1} inert={isLeaving} aria-busy={isLeaving}>
          <Outlet />
        </main>
      </div>
      {isFinding && (
        <Suspense fallback={null}>
          <Palette close={() => setFinding(false)} />
        </Suspense>
      )}
      <KeysHelp isOpen={isHelpOpen} close={() => setHelpOpen(false)} />
    </div>
  )
}
