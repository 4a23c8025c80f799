import { Button, TextInput } from '@mantine/core'
import type { SimulatedRoom, SimulatedWorldView } from '@qunhub/wire'
import { type FormEvent, useState } from 'react'
import { Refused } from '../api/failures.ts'
import { useVerb } from '../api/use-verb.ts'
import { EnterField } from '../fields/enter-field.tsx'
import { Copyable } from '../frame/copyable.tsx'
import { PageLink } from '../frame/page-link.tsx'
import { Panel } from '../frame/panel.tsx'
import { Failure, Nothing, Waiting } from '../frame/say.tsx'
import { useMay } from '../frame/session.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { MoveButton } from './move-button.tsx'
import { MovesBox } from './moves-box.tsx'
import { useMover } from './use-moves.ts'

/** Below 40 people are pulled in, from 40 on a card is sent, and 500 is full. */
const FILLED_TO = [39, 40, 500] as const
const PEOPLE_LISTED_MAX = 200

interface PanelProps {
  readonly roomWxid: string
  readonly rooms: readonly SimulatedRoom[]
}

export function SimulatedRoomPanel({ roomWxid, rooms }: PanelProps) {
  const { simulator: say } = useWords()
  const [who, setWho] = useState('')
  const asked = { room: roomWxid, limit: PEOPLE_LISTED_MAX, ...(who ? { find: who } : {}) }
  const { data, error, refetch } = useVerb('show-simulator', asked)
  const topic = rooms.find(({ wxid }) => wxid === roomWxid)?.topic
  const title = topic || (topic === '' ? say.unnamed : roomWxid)
  const isUnknown = error instanceof Refused && error.refused === 'world-unknown'
  return (
    <Panel
      title={title}
      actions={
        <PageLink page="callbacks" search={{ room: roomWxid }}>
          {say.allOf}
        </PageLink>
      }
    >
      <div className="within">
        <MovesBox />
      </div>
      {isUnknown && <Nothing title={say.unknownRoom} />}
      {error && !isUnknown && <Failure failure={error} again={() => void refetch()} />}
      {!error && !data && <Waiting />}
      {data?.members && (
        <Shown
          room={roomWxid}
          topic={title}
          members={data.members}
          people={[...data.accounts, ...data.contacts]}
          who={who}
          setWho={setWho}
        />
      )}
    </Panel>
  )
}

interface Person {
  readonly wxid: string
  readonly name: string
}

interface ShownProps {
  readonly room: string
  readonly topic: string
  readonly members: NonNullable<SimulatedWorldView['members']>
  readonly people: readonly Person[]
  readonly who: string
  setWho(who: string): void
}

function Shown({ room, topic, members, people, who, setWho }: ShownProps) {
  const { simulator: say } = useWords()
  const inside = new Set(members.map(({ wxid }) => wxid))
  const outside = people.filter(({ wxid }) => !inside.has(wxid))
  return (
    <>
      <div className="within stack">
        <Copyable text={room} />
        <h2>{say.join}</h2>
        <div className="row">
          <EnterField value={who} label={say.find} hint={say.personHint} width={160} choose={setWho} />
          <Joiner room={room} topic={topic} outside={outside} />
          <MoveButton
            verb="simulate-crowd"
            input={{ room, members: members.length + 1 }}
            about={`${topic} · ${say.stranger}`}
            disabled={members.length >= FILLED_TO[2]}
          >
            {say.stranger}
          </MoveButton>
        </div>
        <div className="row">
          {FILLED_TO.map(to => (
            <MoveButton
              key={to}
              verb="simulate-crowd"
              input={{ room, members: to }}
              about={`${topic} · ${to}`}
              disabled={members.length >= to}
            >
              {say.fillTo(to)}
            </MoveButton>
          ))}
        </div>
        <small>{say.fillWhy}</small>
      </div>
      <Speaker room={room} topic={topic} members={members} />
      <h2 className="within">
        {say.memberList} {members.length}
      </h2>
      <div className="scrolls" style={{ maxHeight: 320 }}>
        {members.map(({ wxid, name, isAccount, isOwner }) => (
          <div key={wxid} className="todo">
            <span className="tag mute">
              {isOwner ? say.isOwner : isAccount ? say.isAccount : say.isMember}
            </span>
            <div>
              <p>{name}</p>
              <small className="mono">{wxid}</small>
            </div>
            <MoveButton
              verb="simulate-leave"
              input={{ room, contact: wxid }}
              about={`${name} ← ${topic}`}
              label={`${say.leave} ${name}`}
              disabled={isOwner}
            >
              {say.leave}
            </MoveButton>
          </div>
        ))}
      </div>
    </>
  )
}

interface JoinerProps {
  readonly room: string
  readonly topic: string
  readonly outside: readonly Person[]
}

function Joiner({ room, topic, outside }: JoinerProps) {
  const { simulator: say } = useWords()
  const [chosen, setChosen] = useState('')
  const contact = outside.find(({ wxid }) => wxid === chosen)
  return (
    <>
      <select
        className="pick"
        aria-label={say.joinWho}
        value={contact?.wxid ?? ''}
        onChange={event => setChosen(event.currentTarget.value)}
      >
        <option value="">{outside.length === 0 ? say.noOne : say.chooseWho}</option>
        {outside.map(({ wxid, name }) => (
          <option key={wxid} value={wxid}>
            {name}
          </option>
        ))}
      </select>
      <MoveButton
        verb="simulate-join"
        input={{ room, contact: chosen }}
        about={`${contact?.name ?? ''} → ${topic}`}
        disabled={!contact}
      >
        {say.join}
      </MoveButton>
    </>
  )
}

interface SpeakerProps {
  readonly room: string
  readonly topic: string
  readonly members: NonNullable<SimulatedWorldView['members']>
}

/** A customer speaks, or whoever else is in the room. */
function Speaker({ room, topic, members }: SpeakerProps) {
  const { simulator: say } = useWords()
  const { move, isPending } = useMover()
  const may = useMay('operator')
  const customers = members.filter(({ isAccount }) => !isAccount)
  const [chosen, setChosen] = useState('')
  const [text, setText] = useState('')
  const from = customers.find(({ wxid }) => wxid === chosen) ?? customers[0]
  const speak = (event: FormEvent) => {
    event.preventDefault()
    if (!from || text.trim() === '') return
    move('simulate-message', { room, from: from.wxid, text }, `${from.name} @ ${topic}`)
    setText('')
  }
  return (
    <form className="within stack" onSubmit={speak}>
      <h2>{say.speak}</h2>
      <div className="row">
        <select
          className="pick"
          aria-label={say.who}
          value={from?.wxid ?? ''}
          onChange={event => setChosen(event.currentTarget.value)}
        >
          {customers.map(({ wxid, name }) => (
            <option key={wxid} value={wxid}>
              {name}
            </option>
          ))}
        </select>
        <TextInput
          aria-label={say.text}
          placeholder={say.text}
          value={text}
          onChange={event => setText(event.currentTarget.value)}
        />
        <Button type="submit" size="compact-sm" disabled={!may || isPending || !from || text.trim() === ''}>
          {say.say}
        </Button>
      </div>
      <small>{say.sayWhy}</small>
    </form>
  )
}
