import { CONSOLE_TOKEN_ID, type RequestRecord } from '@qunhub/wire'
import { memo } from 'react'
import { Moment } from '../frame/moment.tsx'
import { NewsLine } from '../frame/news-line.tsx'
import { HereLink } from '../frame/page-link.tsx'
import { RowLink, type RowLinks, useRowLinks } from '../frame/row-link.tsx'
import { Failure, Nothing, Waiting } from '../frame/say.tsx'
import { useUrlState } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { showCount } from '../show/moment.ts'
import { isDone, wordOf } from './explain.ts'
import { isFiltered, readFilter } from './filters.ts'
import { OutcomeChips, RequestFilters } from './request-filters.tsx'
import { RequestPanel } from './request-panel.tsx'
import { useRequestList } from './use-request-list.ts'

/** The last calls of the API by whatever has a token: what was answered, and never what was asked. */
export function RequestsPage() {
  const { frame } = useWords()
  const [search] = useUrlState()
  const { open } = search
  return (
    <>
      <div className="head">
        <h1>{frame.pages.requests}</h1>
      </div>
      <OutcomeChips />
      <RequestFilters />
      <div className={open ? 'split' : ''}>
        <List />
        {open && <RequestPanel requestId={open} />}
      </div>
    </>
  )
}

function List() {
  const { requests: say, frame } = useWords()
  const [search] = useUrlState()
  const filter = readFilter(search)
  const { before, open } = search
  const { shown, news, newsMax, showNews } = useRequestList(filter, before)
  const { data, error, refetch } = shown
  if (!data && !error)
    return (
      <section className="box">
        <Waiting rows={12} />
      </section>
    )
  return (
    <section className="box" aria-label={frame.pages.requests}>
      {error && <Failure failure={error} again={() => void refetch()} />}
      {!before && (
        <NewsLine
          news={news > 0 ? say.news(news < newsMax ? showCount(news) : `${newsMax}+`) : undefined}
          none={say.noNews}
          show={() => void showNews()}
        />
      )}
      {data?.requests.length === 0 && (
        <Nothing title={isFiltered(filter) || before ? say.noneFits : say.none}>
          {!isFiltered(filter) && !before && <p>{say.noneWhy}</p>}
        </Nothing>
      )}
      {data && data.requests.length > 0 && <Rows requests={data.requests} open={open} />}
      {data && (before || data.requests.length > 0) && (
        <footer>
          {data.next ? (
            <HereLink change={{ before: data.next, open: undefined }}>{say.next}</HereLink>
          ) : (
            <small>{say.end}</small>
          )}
          {/* Behind it, so that a second press does not meet it. */}
          {before && <HereLink change={{ before: undefined }}>{say.first}</HereLink>}
        </footer>
      )}
    </section>
  )
}

function Rows({
  requests,
  open,
}: {
  readonly requests: readonly RequestRecord[]
  readonly open: string | undefined
}) {
  const { requests: say, frame } = useWords()
  const { hrefOf, press } = useRowLinks(open !== undefined)
  return (
    <table className="fold">
      <thead>
        <tr>
          <th>{say.at}</th>
          <th>{say.endpoint}</th>
          <th>{say.code}</th>
          <th>{say.token}</th>
          <th className="num">{say.ms}</th>
          <th className="wide">{frame.requestId}</th>
        </tr>
      </thead>
      <tbody>
        {requests.map(request => (
          <Row
            key={request.id}
            request={request}
            href={hrefOf(request.requestId)}
            isOpen={open === request.requestId}
            press={press}
          />
        ))}
      </tbody>
    </table>
  )
}

interface RowProps {
  readonly request: RequestRecord
  readonly href: string
  readonly isOpen: boolean
  readonly press: RowLinks['press']
}

const Row = memo(function Row({ request, href, isOpen, press }: RowProps) {
  const { requests: say } = useWords()
  const { at, endpoint, ms, requestId } = request
  return (
    <tr className={isOpen ? 'picks on' : 'picks'}>
      <td>
        <RowLink row={requestId} href={href} isOpen={isOpen} press={press}>
          <Moment at={at} />
        </RowLink>
      </td>
      <td className="mono">{endpoint}</td>
      <td>
        <Outcome request={request} />
      </td>
      <td title={request.tokenId}>{tokenName(request, say.consoleToken)}</td>
      <td className="num hide">{showCount(ms)}</td>
      <td className="mono hide wide" title={requestId}>
        {requestId}
      </td>
    </tr>
  )
})

/** By its label, else by its id; what the console itself tried has none. */
export const tokenName = (
  { tokenId, tokenLabel }: Pick<RequestRecord, 'tokenId' | 'tokenLabel'>,
  console: string,
): string => (tokenId === CONSOLE_TOKEN_ID ? console : tokenLabel || tokenId)

/** The code and its word: `-5 bot-offline`. */
export function Outcome({
  request,
}: {
  readonly request: Pick<RequestRecord, 'endpoint' | 'status' | 'code'>
}) {
  const { requests: say } = useWords()
  const { endpoint, status, code } = request
  if (isDone(request)) return <span className="tag ok">{code === null ? say.done : `0 ${say.done}`}</span>
  const word = wordOf(endpoint, code)
  return (
    <span className="tag bad">
      {code === null || code === status ? `${say.status} ${status}` : `${code} ${word ?? ''}`}
    </span>
  )
}
