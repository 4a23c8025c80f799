import { Button } from '@mantine/core'
import type { ChatRecord } from '@qunhub/wire'
import { useVerb } from '../api/use-verb.ts'
import { EnterField } from '../frame/enter-field.tsx'
import { HereLink } from '../frame/page-link.tsx'
import { Failure, Nothing, Waiting } from '../frame/say.tsx'
import { useUrlState, useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { showCount } from '../show/moment.ts'
import { BotChoice } from './bot-choice.tsx'
import { RoomPanel } from './room-panel.tsx'

const ROWS_PER_PAGE = 100

export function RoomsPage() {
  const { pages, frame } = useWords()
  const { rooms: say } = pages
  const workspace = useWorkspaceId()
  const [{ topic, bot, after, open }, change] = useUrlState()
  const { data, error, refetch } = useVerb('list-chats', {
    workspace,
    ...(topic ? { topic } : {}),
    ...(bot ? { bot } : {}),
    ...(after ? { after } : {}),
    limit: ROWS_PER_PAGE,
  })
  const isFiltered = Boolean(topic || bot)
  const opened = data?.chats.find(({ chatId }) => chatId === open)
  return (
    <>
      <div className="head">
        <h1>{frame.pages.rooms}</h1>
      </div>
      <div className="filters">
        <EnterField
          value={topic ?? ''}
          label={say.topic}
          hint={say.topicHint}
          choose={typed => change({ topic: typed, after: undefined, open: undefined })}
        />
        <BotChoice
          bot={bot ?? ''}
          choose={chosen => change({ bot: chosen, after: undefined, open: undefined })}
        />
      </div>
      {open && data && !opened && <p className="wait inset">{say.notHere}</p>}
      <div className={opened ? 'split' : ''}>
        <section className="box" aria-label={frame.pages.rooms}>
          {error && <Failure failure={error} again={() => void refetch()} />}
          {!data && !error && <Waiting rows={12} />}
          {data?.chats.length === 0 && (
            <Nothing title={isFiltered ? say.noneFits : say.none}>
              {!isFiltered && <p>{say.noneWhy}</p>}
            </Nothing>
          )}
          {data && data.chats.length > 0 && <RoomTable chats={data.chats} open={open} />}
          {(after || data?.next) && (
            <footer>
              {after && <HereLink change={{ after: undefined }}>{say.first}</HereLink>}
              {data?.next && (
                <Button onClick={() => change({ after: data.next ?? undefined })}>{say.next}</Button>
              )}
            </footer>
          )}
        </section>
        {opened && <RoomPanel chat={opened} />}
      </div>
    </>
  )
}

function RoomTable({
  chats,
  open,
}: {
  readonly chats: readonly ChatRecord[]
  readonly open: string | undefined
}) {
  const { rooms: say } = useWords().pages
  return (
    <table className="fold">
      <thead>
        <tr>
          <th>{say.topic}</th>
          <th className="num">{say.members}</th>
          <th>{say.bot}</th>
          <th className="wide">roomWxid</th>
          <th className="wide">chatId</th>
        </tr>
      </thead>
      <tbody>
        {chats.map(({ chatId, roomWxid, topic, memberCount, botNickName, botId }) => (
          <tr key={chatId} className={chatId === open ? 'picks on' : 'picks'}>
            <td title={topic}>
              <HereLink isRow replace={open !== undefined} change={{ open: chatId }}>
                {topic || say.unnamed}
              </HereLink>
            </td>
            <td className="num">{showCount(memberCount)}</td>
            <td className="hide">{botNickName ?? botId}</td>
            <td className="hide mono wide">{roomWxid}</td>
            <td className="hide mono wide">{chatId}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
