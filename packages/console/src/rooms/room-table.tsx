import type { ChatRecord } from '@qunhub/wire'
import { HereLink } from '../frame/page-link.tsx'
import { useWords } from '../preferences/use-preferences.tsx'
import { showCount } from '../show/moment.ts'

interface RoomTableProps {
  readonly chats: readonly ChatRecord[]
  readonly open: string | undefined
  readonly picked: ReadonlySet<string>
  pick(chatIds: readonly string[], isPicked: boolean): void
}

/** A page of rooms, each of which can be ticked. */
export function RoomTable({ chats, open, picked, pick }: RoomTableProps) {
  const { rooms: say } = useWords().pages
  const shown = chats.map(({ chatId }) => chatId)
  const isEach = shown.every(chatId => picked.has(chatId))
  return (
    <table className="fold">
      <thead>
        <tr>
          <th className="tick">
            <input
              type="checkbox"
              aria-label={say.pickPage}
              checked={isEach}
              onChange={() => pick(shown, !isEach)}
            />
          </th>
          <th>{say.topic}</th>
          <th className="num">{say.members}</th>
          <th>{say.tags}</th>
          <th>{say.bot}</th>
          <th className="wide">roomWxid</th>
          <th className="wide">chatId</th>
        </tr>
      </thead>
      <tbody>
        {chats.map(({ chatId, roomWxid, topic, memberCount, botNickName, botId, tags, external }) => (
          <tr key={chatId} className={chatId === open ? 'picks on' : 'picks'}>
            <td className="tick hide">
              <input
                type="checkbox"
                aria-label={say.pick(topic || say.unnamed)}
                checked={picked.has(chatId)}
                onChange={() => pick([chatId], !picked.has(chatId))}
              />
            </td>
            <td title={topic}>
              <HereLink isRow replace={open !== undefined} change={{ open: chatId }}>
                {topic || say.unnamed}
              </HereLink>{' '}
              {!external && <span className="tag mute">{say.internal}</span>}
            </td>
            <td className="num">{showCount(memberCount)}</td>
            <td className={tags.length === 0 ? 'hide' : ''}>{tags.map(({ name }) => name).join('、')}</td>
            <td className="hide">{botNickName ?? botId}</td>
            <td className="hide mono wide">{roomWxid}</td>
            <td className="hide mono wide">{chatId}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
