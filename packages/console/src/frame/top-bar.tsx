import { ActionIcon, Button, Menu, useMantineColorScheme } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { WorkspaceRecord } from '@qunhub/wire'
import { useQueryClient } from '@tanstack/react-query'
import { useLocation, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { signOut, signOutEverywhere } from '../api/ask.ts'
import { Refused } from '../api/failures.ts'
import { type Theme, ZONES } from '../preferences/preferences.ts'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { useLive } from './live.tsx'
import { PasswordDialog } from './password-dialog.tsx'
import { whyOf } from './say.tsx'
import { SearchBox } from './search-box.tsx'
import { meantEverywhere, type Search } from './search-text.ts'
import { useSignedIn } from './session.ts'
import { pageOf } from './side-nav.tsx'
import { useUrlState } from './url-state.ts'

interface TopBarProps {
  readonly workspace: WorkspaceRecord
  openMenu(): void
  openHelp(): void
}

export function TopBar({ workspace, openMenu, openHelp }: TopBarProps) {
  const { frame } = usePreferences().words
  const { isPaused, toggle } = useLive()
  return (
    <div className="top">
      <div className="menu">
        <ActionIcon variant="default" size={32} onClick={openMenu} aria-label={frame.menu}>
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d="M2 4h12M2 8h12M2 12h12" stroke="currentColor" strokeWidth="1.5" />
          </svg>
        </ActionIcon>
      </div>
      <WorkspaceSwitch workspace={workspace} />
      <SearchBox />
      <button
        type="button"
        className="live"
        aria-pressed={isPaused}
        onClick={toggle}
        title={isPaused ? frame.resume : frame.pause}
      >
        {isPaused ? frame.paused : frame.live}
      </button>
      <div className="roomy fields">
        <ShownAs />
      </div>
      <PersonMenu openHelp={openHelp} />
    </div>
  )
}

/** Keeps the page, and drops what names things of the workspace that is left. */
function WorkspaceSwitch({ workspace }: { readonly workspace: WorkspaceRecord }) {
  const { frame } = usePreferences().words
  const { workspaces } = useSignedIn()
  const page = pageOf(useLocation().pathname)
  const [search] = useUrlState()
  const navigate = useNavigate()
  return (
    <select
      className="pick"
      aria-label={frame.workspace}
      value={workspace.id}
      onChange={event =>
        void navigate({
          to: `/w/${event.currentTarget.value}/${page}`,
          search: meantEverywhere(search) as Search,
        })
      }
    >
      {workspaces.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  )
}

/** In which zone moments are shown, and in which language words are. */
export function ShownAs() {
  const { words, language, chooseLanguage } = usePreferences()
  return (
    <>
      <ZoneSwitch />
      <Button
        onClick={() => chooseLanguage(language === 'zh' ? 'en' : 'zh')}
        lang={language === 'zh' ? 'en' : 'zh-CN'}
      >
        {words.frame.otherLanguage}
      </Button>
    </>
  )
}

function ZoneSwitch() {
  const { words, zone, chooseZone } = usePreferences()
  return (
    <select
      className="pick"
      aria-label={words.frame.zone}
      value={zone}
      onChange={event => chooseZone(ZONES.find(each => each === event.currentTarget.value) ?? 'local')}
    >
      {ZONES.map(each => (
        <option key={each} value={each}>
          {words.frame.zones[each]}
        </option>
      ))}
    </select>
  )
}

const THEMES: readonly Theme[] = ['auto', 'light', 'dark']

function PersonMenu({ openHelp }: { openHelp(): void }) {
  const { words, language } = usePreferences()
  const { frame } = words
  const { signedIn, version } = useSignedIn()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const client = useQueryClient()
  const [isChanging, setChanging] = useState(false)
  /** Nothing of what was read stays behind for whoever sits down next; where it did not work, he is told and stays. */
  const leave = async (end: () => Promise<unknown>) => {
    try {
      await end()
    } catch (failure) {
      if (!(failure instanceof Error)) throw failure
      // A session that is over is what was wanted.
      if (!(failure instanceof Refused && failure.status === 401))
        return notifications.show({
          color: 'red',
          message: whyOf(failure, words, language, frame.noAnswerToAct).why,
        })
    }
    client.clear()
    location.assign(location.pathname)
  }
  return (
    <>
      <PasswordDialog isOpen={isChanging} close={() => setChanging(false)} />
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <Button className="person">{signedIn.name}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {frame.roles[signedIn.role]} · {version}
          </Menu.Label>
          <Menu.Label>{frame.theme}</Menu.Label>
          {THEMES.map(each => (
            <Menu.Item
              key={each}
              onClick={() => setColorScheme(each)}
              rightSection={colorScheme === each ? '✓' : null}
            >
              {frame.themes[each]}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item onClick={openHelp} rightSection={<kbd>?</kbd>}>
            {frame.keysHelp}
          </Menu.Item>
          <Menu.Item onClick={() => setChanging(true)}>{words.password.change}</Menu.Item>
          <Menu.Item onClick={() => void leave(signOut)}>{frame.signOut}</Menu.Item>
          <Menu.Item onClick={() => void leave(signOutEverywhere)}>{frame.signOutEverywhere}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  )
}
