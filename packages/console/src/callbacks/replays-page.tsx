import type { ReplayRecord } from '@qunhub/wire'
import { useAct, useVerb } from '../api/use-verb.ts'
import { ActButton } from '../frame/acting/act-button.tsx'
import { Copyable } from '../frame/copyable.tsx'
import { Moment } from '../frame/moment.tsx'
import { PageLink } from '../frame/page-link.tsx'
import { Complaint, Failure, Nothing, Waiting } from '../frame/say.tsx'
import { Unnamed } from '../frame/unnamed.tsx'
import { useWorkspaceId } from '../frame/url-state.ts'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { showCount } from '../show/moment.ts'
import { FilterInLine } from './filter-in-words.tsx'

const LOOK_EVERY_MS = 2_000

const TONES = { running: 'info', paused: 'wait', done: 'ok', cancelled: 'mute' } as const

export function ReplaysPage() {
  const { callbacks, frame } = usePreferences().words
  const say = callbacks.replays
  const { data, error, refetch } = useVerb(
    'list-replays',
    { workspace: useWorkspaceId() },
    { every: LOOK_EVERY_MS },
  )
  return (
    <>
      <div className="head">
        <h1>{say.title}</h1>
      </div>
      <section className="box" aria-label={say.title}>
        {error && <Failure failure={error} again={() => void refetch()} />}
        {!data && !error && <Waiting />}
        {data?.replays.length === 0 && (
          <Nothing title={say.none}>
            <p>{say.noneWhy}</p>
            <PageLink page="callbacks">{frame.pages.callbacks}</PageLink>
          </Nothing>
        )}
        {data && data.replays.length > 0 && (
          <table className="fold">
            <thead>
              <tr>
                <th>{say.startedAt}</th>
                <th>{say.state}</th>
                <th>{say.filter}</th>
                <th className="num">{say.replayed}</th>
                <th>{say.endedAt}</th>
                <th>ID</th>
                <Unnamed />
              </tr>
            </thead>
            <tbody>
              {data.replays.map(replay => (
                <Row key={replay.id} replay={replay} />
              ))}
            </tbody>
          </table>
        )}
      </section>
    </>
  )
}

function Row({ replay }: { readonly replay: ReplayRecord }) {
  const { callbacks } = usePreferences().words
  const say = callbacks.replays
  const { id, state, filter, replayed, createdAt, endedAt } = replay
  return (
    <tr>
      <td>
        <Moment at={createdAt} />
      </td>
      <td>
        <span className={`tag ${TONES[state]}`}>{say.states[state]}</span>
      </td>
      <td className="wraps">
        <FilterInLine filter={filter} />
      </td>
      <td className="num">{showCount(replayed)}</td>
      <td className="hide">
        <Moment at={endedAt} />
      </td>
      <td className="hide">
        <Copyable text={id} />
      </td>
      <td className="acts">
        <Steer replay={replay} />
      </td>
    </tr>
  )
}

function Steer({ replay: { id, state } }: { readonly replay: ReplayRecord }) {
  const { callbacks } = usePreferences().words
  const say = callbacks.replays
  const workspace = useWorkspaceId()
  const steer = useAct('steer-replay')
  if (state === 'done' || state === 'cancelled') return null
  const to = state === 'running' ? 'pause' : 'continue'
  return (
    <div className="row">
      <ActButton isSmall verb="steer-replay" needs="operator" doing={steer} input={{ workspace, id, to }}>
        {say[to]}
      </ActButton>
      <ActButton
        isSmall
        verb="steer-replay"
        needs="operator"
        doing={steer}
        input={{ workspace, id, to: 'cancel' }}
      >
        {say.cancel}
      </ActButton>
      <Complaint failure={steer.error} />
    </div>
  )
}
