import { useVerb } from '../api/use-verb.ts'
import { Moment } from '../frame/moment.tsx'
import { HereLink } from '../frame/page-link.tsx'
import { Failure, Nothing, Waiting } from '../frame/say.tsx'
import { useSignedIn } from '../frame/session.ts'
import { useUrlState } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'

const ROWS_PER_PAGE = 100

/** Who did what, in whatever workspace: people belong to none. */
export function AuditPage() {
  const { pages, frame } = useWords()
  const { audit: say } = pages
  const { workspaces } = useSignedIn()
  const [{ before }] = useUrlState()
  const { data, error, refetch } = useVerb('list-audit', {
    limit: ROWS_PER_PAGE,
    ...(before ? { before } : {}),
  })
  const nameOf = (id: string | null) => workspaces.find(each => each.id === id)?.name ?? id ?? frame.none
  return (
    <>
      <div className="head">
        <h1>{frame.pages.audit}</h1>
      </div>
      <section className="box" aria-label={frame.pages.audit}>
        {error && <Failure failure={error} again={() => void refetch()} />}
        {!data && !error && <Waiting rows={12} />}
        {data?.entries.length === 0 && <Nothing title={say.none} />}
        {data && data.entries.length > 0 && (
          <table className="fold">
            <thead>
              <tr>
                <th>{say.at}</th>
                <th>{say.who}</th>
                <th>{say.verb}</th>
                <th>{say.outcome}</th>
                <th>{frame.workspace}</th>
                <th>{say.about}</th>
              </tr>
            </thead>
            <tbody>
              {data.entries.map(({ id, at, realm, who, workspaceId, verb, about, outcome }) => (
                <tr key={id}>
                  <td>
                    <Moment at={at} />
                  </td>
                  <td title={who}>
                    {who || frame.none} <small>{say.realms[realm]}</small>
                  </td>
                  <td className="mono">{verb}</td>
                  <td>
                    <span className={`tag ${outcome === 'done' ? 'ok' : 'bad'}`}>
                      {outcome === 'done' ? say.done : outcome}
                    </span>
                  </td>
                  <td className="hide">{nameOf(workspaceId)}</td>
                  <td className="mono hide" title={JSON.stringify(about)}>
                    {JSON.stringify(about)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {(before || data?.next) && (
          <footer>
            {before && <HereLink change={{ before: undefined }}>{say.first}</HereLink>}
            {data?.next && <HereLink change={{ before: data.next }}>{frame.more}</HereLink>}
          </footer>
        )}
      </section>
    </>
  )
}
