import type { PersonRecord } from '@qunhub/wire'
import { useVerb } from '../api/use-verb.ts'
import { ActDialog } from '../frame/acting/act-dialog.tsx'
import { toConfirm } from '../frame/acting/confirm.ts'
import { Copyable } from '../frame/copyable.tsx'
import { ListPage } from '../frame/list-page.tsx'
import { Moment } from '../frame/moment.tsx'
import { useWords } from '../preferences/use-preferences.tsx'

const ROLES = ['viewer', 'operator', 'owner'] as const

export function PeoplePage() {
  const { people: say } = useWords().pages
  const read = useVerb('list-people', {})
  const ofRole = useRoleField('viewer')
  return (
    <ListPage
      page="people"
      read={read}
      rows={read.data?.people}
      columns={[say.name, say.role, say.signedIn, { number: say.sessions }, 'actions']}
      actions={
        <ActDialog
          verb="add-person"
          label={say.add}
          needs="owner"
          isMain
          fixed={{}}
          fields={[{ name: 'name', label: say.name, kind: 'text', required: true }, ofRole]}
          result={({ code, codeExpiresAt }) => <Code code={code} until={codeExpiresAt} />}
        />
      }
    >
      {person => <Row key={person.id} person={person} />}
    </ListPage>
  )
}

function useRoleField(initial: PersonRecord['role']) {
  const { pages, frame } = useWords()
  const choices = ROLES.map(value => ({ value, label: frame.roles[value] }))
  return {
    ...({ name: 'role', label: pages.people.role, kind: 'choice', required: true } as const),
    ...{ choices, initial },
  }
}

function Row({ person }: { readonly person: PersonRecord }) {
  const { pages, frame } = useWords()
  const { people: say } = pages
  const { id, name, role, hasPassword, signedInAt, sessions } = person
  const ofRole = useRoleField(role)
  return (
    <tr>
      <td title={name}>{name}</td>
      <td>{frame.roles[role]}</td>
      <td className="hide">
        {!hasPassword && <span className="tag wait">{say.noPassword}</span>}
        {hasPassword && (signedInAt === null ? say.never : <Moment at={signedInAt} />)}
      </td>
      <td className="num hide">{sessions}</td>
      <td className="acts">
        <div className="row">
          <ActDialog
            verb="set-role"
            label={say.setRole}
            needs="owner"
            isSmall
            fixed={{ person: id }}
            fields={[ofRole]}
          />
          <ActDialog
            verb="issue-setup-code"
            label={say.code}
            needs="owner"
            isSmall
            fixed={{ person: id }}
            result={({ code, codeExpiresAt }) => <Code code={code} until={codeExpiresAt} />}
          >
            <p>{say.codeWhy}</p>
          </ActDialog>
          <ActDialog
            verb="remove-person"
            label={say.remove}
            needs="owner"
            isSmall
            fixed={{ person: id }}
            confirm={toConfirm(name, id)}
          >
            <p>{say.removeWhy}</p>
          </ActDialog>
        </div>
      </td>
    </tr>
  )
}

function Code({ code, until }: { readonly code: string; readonly until: number }) {
  const { people: say } = useWords().pages
  return (
    <>
      <p>{say.once}</p>
      <Copyable text={code} />
      <p>
        {say.until} <Moment at={until} />
      </p>
    </>
  )
}
