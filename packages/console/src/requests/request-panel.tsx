import { curl, type RequestRecord } from '@qunhub/wire'
import { useVerb } from '../api/use-verb.ts'
import { Copyable, CopyButton } from '../frame/copyable.tsx'
import { Moment } from '../frame/moment.tsx'
import { HereLink, PageLink } from '../frame/page-link.tsx'
import { Panel } from '../frame/panel.tsx'
import { Failure, Nothing, Waiting } from '../frame/say.tsx'
import { useWorkspaceId } from '../frame/url-state.ts'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { showCount } from '../show/moment.ts'
import { endpointOf } from './explain.ts'
import { gatewayRoot, Meanings } from './meanings.tsx'
import { Outcome, tokenName } from './requests-page.tsx'

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
  const { requests: say, frame } = usePreferences().words
  const { at, endpoint: path, status, code, ms, requestId } = request
  const endpoint = endpointOf(path)
  // Without a token: whoever pastes it has his own.
  const sample = endpoint && curl(endpoint, new URL(gatewayRoot, location.href).href.replace(/\/$/, ''))
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
      <Meanings path={path} status={status} code={code} />
      <p className="within row">
        {endpoint && (
          <PageLink page="try" search={{ endpoint: endpoint.name }}>
            {say.tryIt}
          </PageLink>
        )}
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
