import type { ChatRecord } from '@qunhub/wire'
import { useAct, useVerb } from '../api/use-verb.ts'
import { SameThing } from '../frame/same-thing.tsx'
import { Complaint } from '../frame/say.tsx'
import { useMay } from '../frame/session.ts'
import { useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'

/** The tags of a room: each is taken off by its cross, and another one chosen from those that the workspace has. */
export function RoomTags({ chat }: { readonly chat: Pick<ChatRecord, 'chatId' | 'tags'> }) {
  const { roomPanel: panel } = useWords()
  const workspace = useWorkspaceId()
  const may = useMay('operator')
  const { data } = useVerb('list-tags', { workspace }, { every: 60_000 })
  const put = useAct('assign-tag')
  const take = useAct('unassign-tag')
  const { chatId, tags } = chat
  const isBusy = put.isPending || take.isPending
  const free = (data?.tags ?? []).filter(({ id }) => !tags.some(each => each.id === id))
  const of = (tag: string) => ({ workspace, tag, chats: [chatId] })
  return (
    <div className="stack">
      <div className="row">
        {tags.map(({ id, name }) => (
          <span key={id} className="tag info">
            {name}
            {may && (
              <button
                type="button"
                className="cross"
                disabled={isBusy}
                aria-label={panel.takeOff(name)}
                onClick={() => take.mutate(of(id))}
              >
                ×
              </button>
            )}
          </span>
        ))}
        {may && free.length > 0 && (
          <select
            className="pick"
            aria-label={panel.addTag}
            value=""
            disabled={isBusy}
            onChange={event => put.mutate(of(event.currentTarget.value))}
          >
            <option value="">{panel.addTag}</option>
            {free.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        )}
        {tags.length === 0 && free.length === 0 && <span className="quiet">{panel.noTags}</span>}
      </div>
      <Complaint failure={put.error ?? take.error} />
      {may && <SameThing verb="assign-tag" input={of(free[0]?.name ?? tags[0]?.name ?? 'VIP')} />}
    </div>
  )
}
