import { notifications } from '@mantine/notifications'
import type { VerbOutput } from '@qunhub/wire'
import { Refused } from '../api/failures.ts'
import { useAct, useVerb } from '../api/use-verb.ts'
import { ActButton } from '../frame/acting/act-button.tsx'
import { Copyable, CopyButton } from '../frame/copyable.tsx'
import { useNow } from '../frame/moment.tsx'
import { HereLink } from '../frame/page-link.tsx'
import { Panel } from '../frame/panel.tsx'
import { Complaint, Failure, Nothing, Waiting } from '../frame/say.tsx'
import { useUrlState, useWorkspaceId } from '../frame/url-state.ts'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { BeforeTab } from './before-tab.tsx'
import { BodyTab } from './body-tab.tsx'
import { callbackCurl } from './curl.ts'
import { topicOf } from './parse-body.ts'
import { RequestTab } from './request-tab.tsx'
import { adviceFor, sentenceOf, toneOf } from './sentence.ts'
import { StoryTab } from './story-tab.tsx'

export type ShownCallback = VerbOutput<'show-callback'>

interface CallbackPanelProps {
  readonly open: number | string
  readonly opened: {
    readonly data: ShownCallback | undefined
    readonly error: Error | null
    readonly isPlaceholderData: boolean
    refetch(): unknown
  }
}

export function CallbackPanel({ open, opened }: CallbackPanelProps) {
  const { words } = usePreferences()
  const { callbacks: say } = words
  const { data, error, isPlaceholderData } = opened
  if (error instanceof Refused && error.refused === 'callback-unknown')
    return (
      <Panel title={`#${open}`}>
        <Nothing title={say.unknown}>
          <p>{say.unknownWhy}</p>
          <HereLink change={{ open: undefined }}>{say.toList}</HereLink>
        </Nothing>
      </Panel>
    )
  if (error)
    return (
      <Panel title={`#${open}`}>
        <Failure failure={error} again={() => void opened.refetch()} />
      </Panel>
    )
  if (!data || isPlaceholderData)
    return (
      <Panel title={`#${open}`}>
        <Waiting />
      </Panel>
    )
  return <Shown callback={data} />
}

const TABS = ['story', 'body', 'request', 'before'] as const

function Shown({ callback }: { readonly callback: ShownCallback }) {
  const { words, language } = usePreferences()
  const { callbacks: say } = words
  const address = useVerb('show-callback-address', { workspace: useWorkspaceId() })
  const now = useNow(callback.state === 'due' ? 100 : undefined)
  const [search] = useUrlState()
  const tab = TABS.find(each => each === search['tab']) ?? 'story'
  const kind = say.kinds[callback.kind] ?? callback.kind
  const advice = adviceFor(callback, say, language)
  return (
    <Panel
      title={`${topicOf(callback.body) ?? callback.room} · ${kind}`}
      actions={<Actions callback={callback} />}
    >
      <div className="within stack">
        <div className="row">
          <span className={`tag ${toneOf(callback)}`}>
            {sentenceOf(callback, now, say, address.data?.openUntil)}
          </span>
          <Copyable text={callback.webhookId} />
        </div>
        {advice && <p>{advice}</p>}
      </div>
      <nav className="tabs" aria-label={kind}>
        {TABS.map(each => (
          <HereLink
            key={each}
            replace
            change={{ tab: each === 'story' ? undefined : each }}
            {...(each === tab ? { 'aria-current': 'true' as const } : {})}
          >
            {say.tabs[each]}
          </HereLink>
        ))}
      </nav>
      {tab === 'story' && <StoryTab callback={callback} />}
      {tab === 'body' && <BodyTab body={callback.body} />}
      {tab === 'request' && <RequestTab callback={callback} />}
      {tab === 'before' && <BeforeTab callback={callback} />}
    </Panel>
  )
}

function Actions({ callback }: { readonly callback: ShownCallback }) {
  const { words } = usePreferences()
  const { callbacks: say } = words
  const workspace = useWorkspaceId()
  const address = useVerb('show-callback-address', { workspace })
  const replay = useAct('replay-callbacks', {
    onDone: ({ replayed }) =>
      notifications.show({ message: replayed.length > 0 ? say.replayed : say.wasPending }),
  })
  const base = address.data?.url
  return (
    <>
      <Complaint failure={replay.error} />
      <ActButton
        isSmall
        verb="replay-callbacks"
        needs="operator"
        doing={replay}
        disabled={callback.state === 'due'}
        input={{ workspace, ids: [callback.id] }}
      >
        {say.replay}
      </ActButton>
      {base && <CopyButton text={() => callbackCurl({ base, ...callback })}>{say.copyCurl}</CopyButton>}
    </>
  )
}
