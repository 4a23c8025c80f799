import type { VerbOutput } from '@qunhub/wire'
import { useEffect } from 'react'
import { useVerb } from '../api/use-verb.ts'
import { EnterField } from '../fields/enter-field.tsx'
import { Filters } from '../fields/filters.tsx'
import { Pick } from '../fields/pick.tsx'
import { NextButton } from '../frame/next-button.tsx'
import { Failure, Nothing, Waiting } from '../frame/say.tsx'
import { useUrlState, useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { showCount } from '../show/moment.ts'
import type { Words } from '../words/words.ts'
import { BotChoice } from './bot-choice.tsx'
import { RoomPanel } from './room-panel.tsx'
import { RoomTable } from './room-table.tsx'
import { TagChoice } from './tag-choice.tsx'
import { type RoomsFilter, TagRooms } from './tag-rooms.tsx'
import { usePicked } from './use-picked.ts'

const ROWS_PER_PAGE = 100

export function RoomsPage() {
  const { pages, frame } = useWords()
  const { rooms: say } = pages
  const workspace = useWorkspaceId()
  const [{ topic: q, bot, tag, external, after, open }, change] = useUrlState()
  const outside = external === 'yes' || external === 'no' ? external : undefined
  const conditions: Omit<RoomsFilter, 'having'> = {
    ...(q ? { search: q } : {}),
    ...(outside ? { external: outside } : {}),
    ...(bot ? { bot } : {}),
  }
  const filter = { ...conditions, ...(tag ? { having: tag } : {}) }
  const list = JSON.stringify({ workspace, ...filter })
  const { picked, pick } = usePicked(list)
  const { data, error, refetch, isPlaceholderData } = useVerb('list-chats', {
    workspace,
    ...conditions,
    ...(tag ? { tag } : {}),
    ...(after ? { after } : {}),
    limit: ROWS_PER_PAGE,
  })
  const isFiltered = Boolean(q || bot || tag || outside)
  // None of those that could be looked through in time: on it goes, for as long as nothing is found.
  const isLookingOn = data?.chats.length === 0 && data.next !== null && !isPlaceholderData
  useEffect(() => {
    if (isLookingOn) change({ after: data.next ?? undefined }, { replace: true })
  })
  const opened = data?.chats.find(({ chatId }) => chatId === open)
  return (
    <>
      <div className="head">
        <h1>{frame.pages.rooms}</h1>
      </div>
      <div className="row">
        <EnterField
          value={q ?? ''}
          label={say.search}
          hint={say.searchHint}
          width={320}
          choose={typed => change({ topic: typed.trim(), after: undefined, open: undefined })}
        />
        <Filters chosen={[bot, tag, outside].filter(Boolean).length}>
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
        </Filters>
      </div>
      <div className="inset row sum">
        {data ? (
          <>
            <span>
              {say.total(`${showCount(data.total.count)}${data.total.atLeast ? '+' : ''}`)}
              {data.understood && <> · {understoodIn(data.understood, say)}</>}
            </span>
            {data.chats.length > 0 && <TagRooms picked={[...picked]} filter={filter} />}
          </>
        ) : (
          frame.loading
        )}
      </div>
      {open && data && !opened && <p className="wait inset">{say.notHere}</p>}
      <div className={opened ? 'split' : ''}>
        <section className="box" aria-label={frame.pages.rooms}>
          {error && <Failure failure={error} again={() => void refetch()} />}
          {!data && !error && <Waiting rows={12} />}
          {isLookingOn && (
            <p className="wait inset" role="status">
              {say.looking}
            </p>
          )}
          {data?.chats.length === 0 && !data.next && (
            <Nothing title={isFiltered ? say.noneFits : say.none}>
              {!isFiltered && <p>{say.noneWhy}</p>}
            </Nothing>
          )}
          {data && data.chats.length > 0 && (
            <RoomTable chats={data.chats} open={open} picked={picked} pick={pick} />
          )}
          {(after || data?.next) && (
            <footer>
              <NextButton
                key={list}
                cursor={data?.next}
                isLast={!data?.next}
                isReading={isPlaceholderData}
                next={() => change({ after: data?.next ?? undefined })}
                first={after && say.first}
              >
                {say.next}
              </NextButton>
            </footer>
          )}
        </section>
        {opened && <RoomPanel chat={opened} />}
      </div>
    </>
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
