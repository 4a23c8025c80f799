import type { VerbAsk } from '@qunhub/wire'
import { useVerb } from '../api/use-verb.ts'
import { ActDialog } from '../frame/acting/act-dialog.tsx'
import { useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { showCount } from '../show/moment.ts'
import { TagAll } from './tag-all.tsx'

interface TagRoomsProps {
  /** The chatIds that are ticked. */
  readonly picked: readonly string[]
  readonly filter: RoomsFilter
}

/** By what the rooms are found that are shown. */
export type RoomsFilter = Pick<VerbAsk<'assign-tag-to-all'>, 'search' | 'bot' | 'having' | 'external'>

/** Puts a tag on the rooms that are ticked, or on all that fit what is shown. */
export function TagRooms({ picked, filter }: TagRoomsProps) {
  const { rooms: say } = useWords().pages
  const workspace = useWorkspaceId()
  const { data } = useVerb('list-tags', { workspace }, { every: 60_000 })
  const choices = (data?.tags ?? []).map(({ id, name }) => ({ value: id, label: name }))
  const tag = { name: 'tag', label: say.tag, kind: 'choice', required: true, choices } as const
  const shared = { needs: 'operator', isSmall: true, fields: [tag] } as const
  const fixed = { workspace, chats: [...picked] }
  return (
    <>
      <span className="grow" />
      {picked.length > 0 ? (
        <>
          <span>{say.picked(showCount(picked.length))}</span>
          <ActDialog {...shared} verb="assign-tag" label={say.assign} fixed={fixed} />
          <ActDialog {...shared} verb="unassign-tag" label={say.unassign} fixed={fixed} />
        </>
      ) : (
        <>
          <TagAll verb="assign-tag-to-all" filter={filter} choices={choices} />
          <TagAll verb="unassign-tag-from-all" filter={filter} choices={choices} />
        </>
      )}
    </>
  )
}
