import type { ChatRecord } from '@qunhub/wire'
import { memo } from 'react'
import { RowLink, type RowLinks, useRowLinks } from '../frame/row-link.tsx'
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
  const { hrefOf, press } = useRowLinks(open !== undefined)
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
        {chats.map(chat => (
          <Row
            key={chat.chatId}
            chat={chat}
            href={hrefOf(chat.chatId)}
            isOpen={chat.chatId === open}
            isPicked={picked.has(chat.chatId)}
            pick={pick}
            press={press}
          />
        ))}
      </tbody>
    </table>
  )
}

interface RowProps extends Pick<RoomTableProps, 'pick'> {
  readonly chat: ChatRecord
  readonly href: string
  readonly isOpen: boolean
  readonly isPicked: boolean
  readonly press: RowLinks['press']
}

/** Drawn anew only when something of it is other than before: a tick is one row's. */
const Row = memo(function Row({ chat, href, isOpen, isPicked, pick, press }: RowProps) {
  const { rooms: say } = useWords().pages
  const { chatId, roomWxid, topic, memberCount, botNickName, botId, tags, external } = chat
  return (
    <tr className={isOpen ? 'picks on' : 'picks'}>
      <td className="tick hide">
        <input
          type="checkbox"
          aria-label={say.pick(topic || say.unnamed)}
          checked={isPicked}
          onChange={() => pick([chatId], !isPicked)}
        />
      </td>
      <td title={topic}>
        <RowLink row={chatId} href={href} isOpen={isOpen} press={press}>
          {topic || say.unnamed}
        </RowLink>{' '}
        {!external && <span className="tag mute">{say.internal}</span>}
      </td>
      <td className="num">{showCount(memberCount)}</td>
      <td className={tags.length === 0 ? 'hide' : ''}>{tags.map(({ name }) => name).join('、')}</td>
      <td className="hide">{botNickName ?? botId}</td>
      <td className="hide mono wide">{roomWxid}</td>
      <td className="hide mono wide">{chatId}</td>
    </tr>
  )
})
