import type { PersonRecord } from '@qunhub/wire'
import { useVerb } from '../api/use-verb.ts'
import { ActDialog } from '../frame/act-dialog.tsx'
import { Copyable } from '../frame/copyable.tsx'
import { Moment } from '../frame/moment.tsx'
import { Failure, Waiting } from '../frame/say.tsx'
import { Unnamed } from '../frame/unnamed.tsx'
import { useWords } from '../preferences/use-preferences.tsx'

const ROLES = ['viewer', 'operator', 'owner'] as const

export function PeoplePage() {
  const { pages, frame } = useWords()
  const { people: say } = pages
  const { data, error, refetch } = useVerb('list-people', {})
  const roles = useRoles()
  return (
    <>
      <div className="head">
        <h1>{frame.pages.people}</h1>
        <span className="grow" />
        <ActDialog
          verb="add-person"
          label={say.add}
          needs="owner"
          isMain
          fixed={{}}
          fields={[
            { name: 'name', label: say.name, kind: 'text', required: true },
            {
              name: 'role',
              label: say.role,
              kind: 'choice',
              required: true,
              choices: roles,
              initial: 'viewer',
            },
          ]}
          result={({ code, codeExpiresAt }) => <Code code={code} until={codeExpiresAt} />}
        />
      </div>
      <section className="box" aria-label={frame.pages.people}>
        {error && <Failure failure={error} again={() => void refetch()} />}
        {!data && !error && <Waiting />}
        {data && (
          <table className="fold">
            <thead>
              <tr>
                <th>{say.name}</th>
                <th>{say.role}</th>
                <th>{say.signedIn}</th>
                <th className="num">{say.sessions}</th>
                <Unnamed />
              </tr>
            </thead>
            <tbody>
              {data.people.map(person => (
                <Row key={person.id} person={person} />
              ))}
            </tbody>
          </table>
        )}
      </section>
    </>
  )
}

function useRoles() {
  const { frame } = useWords()
  return ROLES.map(value => ({ value, label: frame.roles[value] }))
}

function Row({ person }: { readonly person: PersonRecord }) {
  const { pages, frame } = useWords()
  const { people: say } = pages
  const roles = useRoles()
  const { id, name, role, hasPassword, signedInAt, sessions } = person
  return (
    <tr>
      <td title={name}>{name}</td>
      <td>{frame.roles[role]}</td>
      <td className="hide">
        {hasPassword ? (
          signedInAt === null ? (
            say.never
          ) : (
            <Moment at={signedInAt} />
          )
        ) : (
          <span className="tag wait">{say.noPassword}</span>
        )}
      </td>
      <td className="num hide">{sessions}</td>
      <td>
        <div className="row">
          <ActDialog
            verb="set-role"
            label={say.setRole}
            needs="owner"
            isSmall
            fixed={{ person: id }}
            fields={[
              {
                name: 'role',
                label: say.role,
                kind: 'choice',
                required: true,
                choices: roles,
                initial: role,
              },
            ]}
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
            confirm={name}
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
