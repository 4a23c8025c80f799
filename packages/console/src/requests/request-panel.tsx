import { curl, type RequestRecord } from '@qunhub/wire'
import { consoleRoot } from '../api/console-root.ts'
import { useVerb } from '../api/use-verb.ts'
import { Copyable, CopyButton } from '../frame/copyable.tsx'
import { Moment } from '../frame/moment.tsx'
import { HereLink } from '../frame/page-link.tsx'
import { Panel } from '../frame/panel.tsx'
import { Failure, Nothing, Waiting } from '../frame/say.tsx'
import { useWorkspaceId } from '../frame/url-state.ts'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { showCount } from '../show/moment.ts'
import { endpointOf, errorPageOf, generalMeaning, meaningsOf } from './explain.ts'
import { Outcome, tokenName } from './requests-page.tsx'

/** The gateway's own address: the console stands below it. */
const root = `${consoleRoot(import.meta.url)}../`

export function RequestPanel({ requestId }: { readonly requestId: string }) {
  const { requests: say } = usePreferences().words
  const workspace = useWorkspaceId()
  const found = useVerb('list-requests', { workspace, requestId, limit: 1 }, { every: false })
  const { data, error, isPlaceholderData, refetch } = found
  const request = isPlaceholderData ? undefined : data?.requests[0]
  if (request) return <Shown request={request} />
  return (
    <Panel title={requestId}>
      {error && <Failure failure={error} again={() => void refetch()} />}
      {!error && (!data || isPlaceholderData) && <Waiting />}
      {!error && data && !isPlaceholderData && (
        <Nothing title={say.unknown}>
          <p>{say.unknownWhy}</p>
          <HereLink change={{ open: undefined }}>{say.toList}</HereLink>
        </Nothing>
      )}
    </Panel>
  )
}

function Shown({ request }: { readonly request: RequestRecord }) {
  const { words, language } = usePreferences()
  const { requests: say, frame } = words
  const { at, endpoint: path, status, code, ms, requestId } = request
  const endpoint = endpointOf(path)
  const spoken = language === 'zh' ? 'chinese' : 'english'
  const errorPage = errorPageOf(path, code, status)
  const general = generalMeaning(status)
  const meanings = general ? [{ ...general, message: general.message[spoken] }] : meaningsOf(path, code)
  // Without a token: whoever pastes it has his own.
  const sample = endpoint && curl(endpoint, new URL(root, location.href).href.replace(/\/$/, ''))
  return (
    <Panel title={path} actions={sample && <CopyButton text={() => sample}>{say.copyCurl}</CopyButton>}>
      <dl className="facts">
        <dt>{say.code}</dt>
        <dd>
          <Outcome request={request} />
        </dd>
        <dt>{say.at}</dt>
        <dd>
          <Moment at={at} />
        </dd>
        <dt>{say.status}</dt>
        <dd>{status}</dd>
        <dt>{say.ms}</dt>
        <dd>{showCount(ms)}</dd>
        <dt>{say.token}</dt>
        <dd>{tokenName(request, say.consoleToken)}</dd>
        <dt>{frame.requestId}</dt>
        <dd>
          <Copyable text={requestId} />
        </dd>
      </dl>
      {meanings.map(({ word, message, help }) => (
        <section key={word} className="within">
          <h2>
            {message} <code>{word}</code>
          </h2>
          <dl className="facts">
            <dt>{say.means}</dt>
            <dd>{help.means[spoken]}</dd>
            <dt>{say.check}</dt>
            <dd>{help.check[spoken]}</dd>
            <dt>{say.whatNext}</dt>
            <dd>{help.next[spoken]}</dd>
          </dl>
        </section>
      ))}
      <p className="within row">
        {errorPage && <a href={root + errorPage}>{say.errorPage}</a>}
        {code !== 0 && <span className="quiet">{say.logs}</span>}
      </p>
      {sample && (
        <div className="within stack">
          <h2>{say.sample}</h2>
          <p className="quiet">{say.curlWhy}</p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it with the arrows. */}
          <pre tabIndex={0}>{sample}</pre>
        </div>
      )}
    </Panel>
  )
}
