import { Button } from '@mantine/core'
import type { ChatRecord, VerbOutput } from '@qunhub/wire'
import { useVerb } from '../api/use-verb.ts'
import { EnterField } from '../fields/enter-field.tsx'
import { Pick } from '../fields/pick.tsx'
import { HereLink } from '../frame/page-link.tsx'
import { Failure, Nothing, Waiting } from '../frame/say.tsx'
import { useUrlState, useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { showCount } from '../show/moment.ts'
import type { Words } from '../words/words.ts'
import { BotChoice } from './bot-choice.tsx'
import { RoomPanel } from './room-panel.tsx'
import { TagChoice } from './tag-choice.tsx'

const ROWS_PER_PAGE = 100

export function RoomsPage() {
  const { pages, frame } = useWords()
  const { rooms: say } = pages
  const workspace = useWorkspaceId()
  const [{ topic: q, bot, tag, external, after, open }, change] = useUrlState()
  const outside = external === 'yes' || external === 'no' ? external : undefined
  const { data, error, refetch } = useVerb('list-chats', {
    workspace,
    ...(q ? { search: q } : {}),
    ...(tag ? { tag } : {}),
    ...(outside ? { external: outside } : {}),
    ...(bot ? { bot } : {}),
    ...(after ? { after } : {}),
    limit: ROWS_PER_PAGE,
  })
  const isFiltered = Boolean(q || bot || tag || outside)
  const opened = data?.chats.find(({ chatId }) => chatId === open)
  return (
    <>
      <div className="head">
        <h1>{frame.pages.rooms}</h1>
      </div>
      <div className="filters">
        <EnterField
          value={q ?? ''}
          label={say.search}
          hint={say.searchHint}
          choose={typed => change({ topic: typed.trim(), after: undefined, open: undefined })}
        />
        <BotChoice
          bot={bot ?? ''}
          choose={chosen => change({ bot: chosen, after: undefined, open: undefined })}
        />
        <TagChoice
          tag={tag ?? ''}
          choose={chosen => change({ tag: chosen, after: undefined, open: undefined })}
        />
        <Pick
          label={say.outside}
          value={outside ?? ''}
          any={say.anyOutside}
          options={[
            ['yes', say.external],
            ['no', say.internal],
          ]}
          choose={external => change({ external, after: undefined, open: undefined })}
        />
      </div>
      {data && (
        <p className="inset">
          {say.total(`${showCount(data.total.count)}${data.total.atLeast ? '+' : ''}`)}
          {data.understood && <> · {understoodIn(data.understood, say)}</>}
        </p>
      )}
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
          <th>{say.tags}</th>
          <th>{say.bot}</th>
          <th className="wide">roomWxid</th>
          <th className="wide">chatId</th>
        </tr>
      </thead>
      <tbody>
        {chats.map(({ chatId, roomWxid, topic, memberCount, botNickName, botId, tags }) => (
          <tr key={chatId} className={chatId === open ? 'picks on' : 'picks'}>
            <td title={topic}>
              <HereLink isRow replace={open !== undefined} change={{ open: chatId }}>
                {topic || say.unnamed}
              </HereLink>
            </td>
            <td className="num">{showCount(memberCount)}</td>
            <td className="hide">{tags.map(({ name }) => name).join('、')}</td>
            <td className="hide">{botNickName ?? botId}</td>
            <td className="hide mono wide">{roomWxid}</td>
            <td className="hide mono wide">{chatId}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** What was typed was taken for this, and these people are meant by it. */
function understoodIn(
  { as, members }: NonNullable<VerbOutput<'list-chats'>['understood']>,
  say: Words['pages']['rooms'],
): string {
  const who = members.map(({ name, wxid }) => name || wxid).join('、')
  return say.understood[as](who)
}
