import { Switch } from '@mantine/core'
import type { WorkspaceRecord } from '@qunhub/wire'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { gatewayClock } from '../api/gateway-clock.ts'
import { useAct, useVerb } from '../api/use-verb.ts'
import { BodyTree } from '../callbacks/body-tab.tsx'
import type { KINDS } from '../callbacks/filters.ts'
import { Complaint, Waiting } from '../frame/say.tsx'
import { useMay } from '../frame/session.ts'
import { useWorkspaceId } from '../frame/url-state.ts'
import { usePreferences } from '../preferences/use-preferences.tsx'

type Kind = (typeof KINDS)[number]

/** Which switch of the workspace is for which kind. */
const SWITCHES = [
  ['chatroomJoined', 'chatroom/joined'],
  ['chatroomLoaded', 'chatroom/loaded'],
  ['roomJoined', 'room/joined'],
  ['roomLeft', 'room/left'],
  ['roomTopic', 'room/topic'],
] as const satisfies readonly (readonly [keyof WorkspaceRecord, Kind])[]

export function KindsBox() {
  const { address: say, frame } = usePreferences().words
  const workspace = useWorkspaceId()
  const may = useMay('owner')
  const { data } = useVerb('list-workspaces', {})
  const set = useAct('set-workspace')
  const switches = data?.workspaces.find(({ id }) => id === workspace)
  return (
    <section className="box">
      <header>
        <h2>{say.kinds}</h2>
        <small>{say.kindsWhy}</small>
      </header>
      <Complaint failure={set.error} />
      {!switches && <Waiting rows={5} />}
      {switches &&
        SWITCHES.map(([name, kind]) => (
          <div key={name} className="todo">
            <Switch
              checked={switches[name]}
              disabled={!may || set.isPending}
              aria-label={kind}
              title={may ? undefined : frame.roleTooLow(frame.roles.owner)}
              onChange={event => set.mutate({ workspace, [name]: event.currentTarget.checked })}
            />
            <div>
              <code>{kind}</code> {say.kindWords[name]}
              <Example kind={kind} />
            </div>
          </div>
        ))}
    </section>
  )
}

/** The last one of its kind that was owed here: no example is truer. */
function Example({ kind }: { readonly kind: Kind }) {
  const { address: say } = usePreferences().words
  const workspace = useWorkspaceId()
  const [isOpen, setOpen] = useState(false)
  const once = { every: false, enabled: isOpen } as const
  const last = useVerb('list-callbacks', { workspace, kind, limit: 1 }, once)
  const id = last.isPlaceholderData ? undefined : last.data?.callbacks[0]?.id
  const shown = useVerb(
    'show-callback',
    { workspace, id: id ?? 1 },
    { every: false, enabled: isOpen && id !== undefined },
  )
  return (
    <details onToggle={event => setOpen(event.currentTarget.open)}>
      <summary className="quiet">{say.example}</summary>
      <Complaint failure={last.error ?? shown.error} />
      {last.data && id === undefined && <Sample kind={kind} />}
      {id !== undefined && shown.data && <BodyTree body={shown.data.body} />}
    </details>
  )
}

/** Of a kind that has not come yet: what one would look like, made by the contract that is loaded when somebody wants to see it. */
function Sample({ kind }: { readonly kind: Kind }) {
  const { address: say } = usePreferences().words
  const sample = useQuery({
    queryKey: ['sample', kind],
    queryFn: async () => {
      const { sampleBody } = await import('@qunhub/wire/sample-bodies')
      return JSON.stringify(sampleBody(kind, { topic: say.sampleTopic, at: gatewayClock.now() }))
    },
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <>
      <p className="quiet">{say.noExample}</p>
      <Complaint failure={sample.error} />
      {sample.data && <BodyTree body={sample.data} />}
    </>
  )
}
