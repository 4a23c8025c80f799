import { StateTag } from '../callbacks/callback-table.tsx'
import { Moment, useNow } from '../frame/moment.tsx'
import { PageLink } from '../frame/page-link.tsx'
import { Complaint } from '../frame/say.tsx'
import { useWords } from '../preferences/use-preferences.tsx'
import { causes, LOOK_EVERY_MS, WAIT_MAX_MS } from './caused.ts'
import { useCaused } from './use-caused.ts'
import { type Move, useMover } from './use-moves.ts'

/** What was moved last, each with the callbacks that came of it. */
export function MovesBox() {
  const { simulator: say } = useWords()
  const { moves, error } = useMover()
  return (
    <section className="box" aria-label={say.happened}>
      <header>
        <h2>{say.happened}</h2>
      </header>
      <Complaint failure={error} />
      {moves.length === 0 && !error && <p className="within quiet">{say.nothing}</p>}
      <ul className="line" aria-live="polite">
        {moves.map(move => (
          <li key={move.number}>
            <Moment at={move.at} /> {say.moves[move.verb]} {move.about}
            <br />
            <Caused move={move} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Caused({ move }: { readonly move: Move }) {
  const { simulator: say } = useWords()
  const what = causes(move.verb)
  if (what === 'session')
    return (
      <small>
        <PageLink page="bots">{say.toBots}</PageLink>
      </small>
    )
  if (what === 'nothing' || move.room === null) return <small>{say.noCallback}</small>
  return <Callbacks room={move.room} at={move.at} />
}

/** Asked again and again until something is there, or nothing is to be expected any more. */
function Callbacks({ room, at }: { readonly room: string; readonly at: number }) {
  const { simulator: say, frame } = useWords()
  const now = useNow(LOOK_EVERY_MS)
  const isYoung = now - at < WAIT_MAX_MS
  const { workspace, caused } = useCaused(room, at, isYoung)
  if (caused.length === 0)
    return (
      <small>
        {isYoung ? (
          say.waiting
        ) : (
          <>
            {say.none} <PageLink page="address">{frame.pages.address}</PageLink>
          </>
        )}
      </small>
    )
  return (
    <span className="row">
      {caused.map(callback => (
        <span key={callback.id}>
          <PageLink page="callbacks" workspace={workspace} search={{ room, open: String(callback.id) }}>
            #{callback.id} {callback.kind}
          </PageLink>{' '}
          <StateTag callback={callback} />
        </span>
      ))}
      <PageLink page="callbacks" workspace={workspace} search={{ room }}>
        {say.allOf}
      </PageLink>
    </span>
  )
}
