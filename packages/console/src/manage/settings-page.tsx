import { Switch } from '@mantine/core'
import type { WorkspaceRecord } from '@qunhub/wire'
import { useAct, useVerb } from '../api/use-verb.ts'
import { ActButton } from '../frame/acting/act-button.tsx'
import { AddWorkspace } from '../frame/add-workspace.tsx'
import { Copyable } from '../frame/copyable.tsx'
import { Complaint, Failure, Waiting } from '../frame/say.tsx'
import { useMay } from '../frame/session.ts'
import { useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'

/** Those of the callbacks stand where callbacks are seen to: on the page of the address. */
const SWITCHES = [
  'showWecomChatId',
  'paceAdditions',
  'verifyAdditions',
  'joinedOnAnyMember',
] as const satisfies readonly (keyof WorkspaceRecord)[]

export function SettingsPage() {
  const { frame } = useWords()
  const { data, error, refetch } = useVerb('list-workspaces', {})
  return (
    <>
      <div className="head">
        <h1>{frame.pages.settings}</h1>
      </div>
      {error && <Failure failure={error} again={() => void refetch()} />}
      {!data && !error && <Waiting />}
      {data && (
        <div className="two">
          <Switches workspaces={data.workspaces} />
          <div className="stack">
            <Workspaces workspaces={data.workspaces} />
            <Alerts />
          </div>
        </div>
      )}
    </>
  )
}

interface Given {
  readonly workspaces: readonly WorkspaceRecord[]
}

function Switches({ workspaces }: Given) {
  const { pages, frame } = useWords()
  const { settings: say } = pages
  const workspace = useWorkspaceId()
  const may = useMay('owner')
  const set = useAct('set-workspace')
  const here = workspaces.find(({ id }) => id === workspace)
  return (
    <section className="box">
      <header>
        <h2>{say.switches}</h2>
        <small>{say.kinds}</small>
      </header>
      <Complaint failure={set.error} />
      {here &&
        SWITCHES.map(name => (
          <div key={name} className="todo">
            <Switch
              checked={here[name]}
              disabled={!may || set.isPending}
              aria-label={name}
              title={may ? undefined : frame.roleTooLow(frame.roles.owner)}
              onChange={event => set.mutate({ workspace, [name]: event.currentTarget.checked })}
            />
            <div>
              <code>{name}</code>
              <p className="quiet">{say.words[name]}</p>
            </div>
          </div>
        ))}
    </section>
  )
}

function Workspaces({ workspaces }: Given) {
  const { settings: say } = useWords().pages
  const may = useMay('owner')
  return (
    <section className="box">
      <header>
        <h2>{say.workspaces}</h2>
      </header>
      <dl className="facts">
        {workspaces.flatMap(({ id, name }) => [
          <dt key={id}>{name}</dt>,
          <dd key={`${id} id`}>
            <Copyable text={id} />
          </dd>,
        ])}
      </dl>
      {may && (
        <div className="within">
          <AddWorkspace />
        </div>
      )}
    </section>
  )
}

function Alerts() {
  const { settings: say } = useWords().pages
  const test = useAct('test-alert')
  return (
    <section className="box">
      <header>
        <h2>{say.alert}</h2>
        <span className="grow" />
        <ActButton verb="test-alert" needs="operator" doing={test} input={{}}>
          {say.testAlert}
        </ActButton>
      </header>
      <div className="within stack">
        <p className="quiet">{say.alertWhy}</p>
        <Complaint failure={test.error} />
        {test.data && (
          <p role="status">
            <span className="tag ok">{say.alertTaken}</span> {test.data.kind} {test.data.answer}
          </p>
        )}
      </div>
    </section>
  )
}
