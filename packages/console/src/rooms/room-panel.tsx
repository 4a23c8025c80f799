import { notifications } from '@mantine/notifications'
import type { ChatRecord } from '@qunhub/wire'
import { useAct, useVerb } from '../api/use-verb.ts'
import { StateTag } from '../callbacks/callback-table.tsx'
import { ActButton } from '../frame/acting/act-button.tsx'
import { ActDialog } from '../frame/acting/act-dialog.tsx'
import { toConfirm } from '../frame/acting/confirm.ts'
import { Copyable } from '../frame/copyable.tsx'
import { Moment } from '../frame/moment.tsx'
import { PageLink } from '../frame/page-link.tsx'
import { Panel } from '../frame/panel.tsx'
import { SameThing } from '../frame/same-thing.tsx'
import { Complaint } from '../frame/say.tsx'
import { useUrlState, useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { RoomRow } from './room-row.tsx'
import { RoomTags } from './room-tags.tsx'

const CALLBACKS_SHOWN = 5

export function RoomPanel({ chat }: { readonly chat: ChatRecord }) {
  const { pages, roomPanel: panel } = useWords()
  const { rooms: say } = pages
  const workspace = useWorkspaceId()
  const [, change] = useUrlState()
  const sync = useAct('sync-room', { onDone: () => notifications.show({ message: panel.synced }) })
  const { chatId, roomWxid, topic, memberCount, botNickName, botId, external } = chat
  const last = useVerb('list-callbacks', { workspace, room: roomWxid, limit: CALLBACKS_SHOWN })
  const room = { workspace, bot: botId, room: roomWxid }
  return (
    <Panel
      title={topic || say.unnamed}
      actions={
        <>
          <ActButton isSmall verb="sync-room" needs="operator" doing={sync} input={room}>
            {panel.sync}
          </ActButton>
          <ActDialog
            verb="exit-room"
            label={panel.exit}
            needs="operator"
            isSmall
            fixed={room}
            confirm={toConfirm(topic, roomWxid)}
            onDone={() => change({ open: undefined, tab: undefined })}
          >
            <p>{panel.exitWhy(botNickName ?? botId)}</p>
          </ActDialog>
        </>
      }
    >
      <Complaint failure={sync.error} />
      <dl className="facts">
        <dt>chatId</dt>
        <dd>
          <Copyable text={chatId} />
        </dd>
        <dt>roomWxid</dt>
        <dd>
          <Copyable text={roomWxid} />
        </dd>
        <dt>{say.members}</dt>
        <dd>{memberCount}</dd>
        <dt>{say.bot}</dt>
        <dd>
          <PageLink page={`bots/${botId}`}>{botNickName ?? botId}</PageLink>
        </dd>
        <dt>{say.outside}</dt>
        <dd>{external ? say.external : say.internal}</dd>
        <dt>{say.tags}</dt>
        <dd>
          <RoomTags chat={chat} />
        </dd>
      </dl>
      <RoomRow chatId={chatId} roomWxid={roomWxid} />
      <div className="within">
        <SameThing verb="sync-room" input={room} />
      </div>
      <header className="tabs">
        <h2 style={{ padding: '10px 0' }}>{say.callbacks}</h2>
        <PageLink page="callbacks" search={{ room: roomWxid }}>
          {say.allCallbacks}
        </PageLink>
      </header>
      <Complaint failure={last.error} />
      <ul className="line" style={{ paddingTop: 8 }}>
        {last.data?.callbacks.map(callback => (
          <li key={callback.id}>
            <Moment at={callback.owedAt} /> <code>{callback.kind}</code> <StateTag callback={callback} />{' '}
            <PageLink page="callbacks" search={{ room: roomWxid, open: String(callback.id) }}>
              #{callback.id}
            </PageLink>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
