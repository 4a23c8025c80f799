import { useVerb } from '../api/use-verb.ts'
import { ActDialog } from '../frame/acting/act-dialog.tsx'
import { toConfirm } from '../frame/acting/confirm.ts'
import { Copyable } from '../frame/copyable.tsx'
import { ListPage } from '../frame/list-page.tsx'
import { Moment } from '../frame/moment.tsx'
import { useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'

const REALMS = ['api', 'manage'] as const

export function TokensPage() {
  const { pages, frame } = useWords()
  const { tokens: say } = pages
  const workspace = useWorkspaceId()
  const read = useVerb('list-tokens', { workspace })
  return (
    <ListPage
      page="tokens"
      read={read}
      rows={read.data?.tokens}
      columns={[say.label, say.realm, 'ID', say.createdAt, say.state, 'actions']}
      none={{ title: say.none, why: say.noneWhy }}
      actions={<Issue />}
    >
      {({ id, label, realm, createdAt, revokedAt }) => (
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
              <>
                <span className="tag mute">{say.revoked}</span> <Moment at={revokedAt} />
              </>
            )}
          </td>
          <td className="acts">
            {revokedAt === null && (
              <ActDialog
                verb="revoke-token"
                label={say.revoke}
                needs="owner"
                isSmall
                fixed={{ workspace, id }}
                confirm={toConfirm(label, id)}
              >
                <p>{say.revokeWhy}</p>
              </ActDialog>
            )}
          </td>
        </tr>
      )}
    </ListPage>
  )
}

function Issue() {
  const { tokens: say } = useWords().pages
  const choices = REALMS.map(value => ({ value, label: say.realms[value] }))
  return (
    <ActDialog
      verb="issue-token"
      label={say.issue}
      needs="owner"
      isMain
      fixed={{ workspace: useWorkspaceId() }}
      fields={[
        { name: 'label', label: say.label, kind: 'text', hint: 'crm' },
        { name: 'realm', label: say.realm, kind: 'choice', required: true, choices, initial: 'api' },
      ]}
      result={({ token }) => (
        <>
          <p>{say.once}</p>
          <Copyable text={token} />
        </>
      )}
    />
  )
}
