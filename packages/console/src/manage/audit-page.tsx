import { useVerb } from '../api/use-verb.ts'
import { ListPage } from '../frame/list-page.tsx'
import { Moment } from '../frame/moment.tsx'
import { HereLink } from '../frame/page-link.tsx'
import { useSignedIn } from '../frame/session.ts'
import { useUrlState } from '../frame/url-state.ts'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { wordsOfVerb } from './verb-words.ts'

const ROWS_PER_PAGE = 100

/** Who did what, in whatever workspace: people belong to none. */
export function AuditPage() {
  const { words, language } = usePreferences()
  const { pages, frame } = words
  const { audit: say } = pages
  const { workspaces } = useSignedIn()
  const [{ before }] = useUrlState()
  const read = useVerb('list-audit', { limit: ROWS_PER_PAGE, ...(before ? { before } : {}) })
  const next = read.data?.next
  const nameOf = (id: string | null) => workspaces.find(each => each.id === id)?.name ?? id ?? frame.none
  return (
    <ListPage
      page="audit"
      read={read}
      rows={read.data?.entries}
      waits={12}
      columns={[say.at, say.who, say.verb, say.outcome, frame.workspace, say.about]}
      none={{ title: say.none }}
      footer={
        (before || next) && (
          <footer>
            {before && <HereLink change={{ before: undefined }}>{say.first}</HereLink>}
            {next && <HereLink change={{ before: next }}>{frame.more}</HereLink>}
          </footer>
        )
      }
    >
      {({ id, at, realm, who, workspaceId, verb, about, outcome }) => (
        <tr key={id}>
          <td>
            <Moment at={at} />
          </td>
          <td title={who}>
            {who || frame.none} <small>{say.realms[realm]}</small>
          </td>
          <td title={verb}>{wordsOfVerb(verb, language)}</td>
          <td>
            <span className={`tag ${outcome === 'done' ? 'ok' : 'bad'}`}>
              {outcome === 'done' ? say.done : outcome}
            </span>
          </td>
          <td className="hide">{nameOf(workspaceId)}</td>
          <td className="mono hide" title={JSON.stringify(about)}>
            {Object.keys(about).length === 0 ? frame.none : JSON.stringify(about)}
          </td>
        </tr>
      )}
    </ListPage>
  )
}
