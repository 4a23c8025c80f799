import { useVerb } from '../api/use-verb.ts'
import { useUrlState, useWorkspaceId } from '../frame/url-state.ts'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { CallbackPanel } from './callback-panel.tsx'
import { CallbackTable } from './callback-table.tsx'
import { FilterBar, StateChips } from './filter-bar.tsx'
import { readFilter, readOpen } from './filters.ts'
import { ReplayAll } from './replay-all.tsx'
import { useCallbackList } from './use-callback-list.ts'

export function CallbacksPage() {
  const { frame } = usePreferences().words
  const workspace = useWorkspaceId()
  const [search] = useUrlState()
  const filter = readFilter(search)
  const open = readOpen(search['open'])
  const opened = useVerb('show-callback', { workspace, id: open ?? 1 }, { enabled: open !== undefined })
  const openedNow = opened.isPlaceholderData ? undefined : opened.data
  const list = useCallbackList(filter, openedNow)
  return (
    <>
      <div className="head">
        <h1>{frame.pages.callbacks}</h1>
        <span className="grow" />
        <ReplayAll filter={filter} />
      </div>
      <StateChips filter={filter} />
      <FilterBar filter={filter} />
      <div className={open === undefined ? '' : 'split'}>
        <CallbackTable list={list} open={openedNow?.id ?? open} filter={filter} />
        {open !== undefined && <CallbackPanel open={open} opened={opened} />}
      </div>
    </>
  )
}
