import type { SimulatedRoom, SimulatedWorldView } from '@qunhub/wire'
import { Refused } from '../api/failures.ts'
import { useVerb } from '../api/use-verb.ts'
import { EnterField } from '../fields/enter-field.tsx'
import { RowLink, type RowLinks, useRowLinks } from '../frame/row-link.tsx'
import { Failure, Nothing, Waiting } from '../frame/say.tsx'
import { useUrlState } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { showCount } from '../show/moment.ts'
import { AccountsBox } from './accounts-box.tsx'
import { CardsBox } from './cards-box.tsx'
import { FaultsBox } from './faults-box.tsx'
import { MovesBox } from './moves-box.tsx'
import { SimulatedRoomPanel } from './simulated-room-panel.tsx'
import { MoverHere, useMoves } from './use-moves.ts'

/** The simulated WeCom of the demo, moved by hand; what each move causes is linked. */
export function SimulatorPage() {
  const { simulator: say, frame } = useWords()
  const [search, change] = useUrlState()
  const { find, open } = search
  const mover = useMoves()
  const world = useVerb('show-simulator', find ? { find } : {})
  if (world.error instanceof Refused && world.error.refused === 'no-simulator')
    return (
      <>
        <div className="head">
          <h1>{frame.pages.simulator}</h1>
        </div>
        <Nothing title={say.notRunning}>
          <p>{say.notRunningWhy}</p>
        </Nothing>
      </>
    )
  return (
    <MoverHere value={mover}>
      <div className="head">
        <h1>{frame.pages.simulator}</h1>
        <span className="grow" />
        <EnterField
          value={find ?? ''}
          label={say.find}
          hint={say.findHint}
          choose={text => change({ find: text || undefined })}
        />
      </div>
      <p className="quiet">{say.why}</p>
      {world.error && <Failure failure={world.error} again={() => void world.refetch()} />}
      {!open && <MovesBox />}
      {!world.data && !world.error && <Waiting rows={12} />}
      {world.data && (
        <>
          <div className={open ? 'split' : ''}>
            <RoomsBox world={world.data} open={open} />
            {open && <SimulatedRoomPanel roomWxid={open} rooms={world.data.rooms} />}
          </div>
          <CardsBox cards={world.data.cards} />
          <AccountsBox accounts={world.data.accounts} />
          <FaultsBox faults={world.data.faults} />
        </>
      )}
    </MoverHere>
  )
}

interface RoomsBoxProps {
  readonly world: SimulatedWorldView
  readonly open: string | undefined
}

function RoomsBox({ world: { rooms, more }, open }: RoomsBoxProps) {
  const { simulator: say } = useWords()
  const links = useRowLinks(false)
  return (
    <section className="box" aria-label={say.rooms}>
      <header>
        <h2>{say.rooms}</h2>
      </header>
      {rooms.length === 0 && <Nothing title={say.noRoom} />}
      {rooms.length > 0 && (
        <table className="fold">
          <thead>
            <tr>
              <th>{say.topic}</th>
              <th className="num">{say.members}</th>
              <th>{say.kind}</th>
              <th>{say.owner}</th>
              <th className="wide">roomWxid</th>
            </tr>
          </thead>
          <tbody>
            {rooms.map(room => (
              <Row key={room.wxid} room={room} isOpen={room.wxid === open} links={links} />
            ))}
          </tbody>
        </table>
      )}
      {more && <p className="within quiet">{say.more}</p>}
    </section>
  )
}

interface RowProps {
  readonly room: SimulatedRoom
  readonly isOpen: boolean
  readonly links: RowLinks
}

function Row({ room, isOpen, links }: RowProps) {
  const { simulator: say } = useWords()
  const { wxid, topic, memberCount, external, owner } = room
  return (
    <tr className={isOpen ? 'picks on' : 'picks'}>
      <td>
        <RowLink row={wxid} href={links.hrefOf(wxid)} isOpen={isOpen} press={links.press}>
          {topic || say.unnamed}
        </RowLink>
      </td>
      <td className="num">{showCount(memberCount)}</td>
      <td className="hide">{external ? say.external : say.internal}</td>
      <td className="hide">{owner}</td>
      <td className="mono hide wide">{wxid}</td>
    </tr>
  )
}
