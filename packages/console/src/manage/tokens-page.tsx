import { useVerb } from '../api/use-verb.ts'
import { ActDialog } from '../frame/act-dialog.tsx'
import { Copyable } from '../frame/copyable.tsx'
import { Moment } from '../frame/moment.tsx'
import { Failure, Nothing, Waiting } from '../frame/say.tsx'
import { Unnamed } from '../frame/unnamed.tsx'
import { useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'

export function TokensPage() {
  const { pages, frame } = useWords()
  const { tokens: say } = pages
  const workspace = useWorkspaceId()
  const { data, error, refetch } = useVerb('list-tokens', { workspace })
  const realms = (['api', 'manage'] as const).map(value => ({ value, label: say.realms[value] }))
  return (
    <>
      <div className="head">
        <h1>{frame.pages.tokens}</h1>
        <span className="grow" />
        <ActDialog
          verb="issue-token"
          label={say.issue}
          needs="owner"
          isMain
          fixed={{ workspace }}
          fields={[
            { name: 'label', label: say.label, kind: 'text', hint: 'crm' },
            {
              name: 'realm',
              label: say.realm,
              kind: 'choice',
              required: true,
              choices: realms,
              initial: 'api',
            },
          ]}
          result={({ token }) => (
            <>
              <p>{say.once}</p>
              <Copyable text={token} />
            </>
          )}
        />
      </div>
      <section className="box" aria-label={frame.pages.tokens}>
        {error && <Failure failure={error} again={() => void refetch()} />}
        {!data && !error && <Waiting />}
        {data?.tokens.length === 0 && (
          <Nothing title={say.none}>
            <p>{say.noneWhy}</p>
          </Nothing>
        )}
        {data && data.tokens.length > 0 && (
          <table className="fold">
            <thead>
              <tr>
                <th>{say.label}</th>
                <th>{say.realm}</th>
                <th>ID</th>
                <th>{say.createdAt}</th>
                <th>{say.revokedAt}</th>
                <Unnamed />
              </tr>
            </thead>
            <tbody>
              {data.tokens.map(({ id, label, realm, createdAt, revokedAt }) => (
                <tr key={id}>
                  <td title={label}>{label || frame.none}</td>
                  <td>{say.realms[realm]}</td>
                  <td className="hide">
                    <Copyable text={id} />
                  </td>
                  <td className="hide">
                    <Moment at={createdAt} />
                  </td>
                  <td>
                    {revokedAt === null ? (
                      <span className="tag ok">{say.inUse}</span>
                    ) : (
                      <Moment at={revokedAt} />
                    )}
                  </td>
                  <td>
                    {revokedAt === null && (
                      <ActDialog
                        verb="revoke-token"
                        label={say.revoke}
                        needs="owner"
                        isSmall
                        fixed={{ workspace, id }}
                        confirm={label || id}
                      >
                        <p>{say.revokeWhy}</p>
                      </ActDialog>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
    </>
  )
}
