import { useWords } from '../preferences/use-preferences.tsx'

/** As docs/glossary.md has them: how each id looks, and which fields of the API take it. */
const IDS = [
  ['wxid', '788… / 1688…', ['addMember.contactWxid', 'create.wxids', 'listByMember.contactWxid']],
  ['externalUserId', 'wm… / wo…', ['addMember.contactWxid', 'create.wxids', 'listByMember.contactWxid']],
  ['userId', '', ['addMember.botUserId', 'create.botUserId', 'exit.wecomUserId']],
  ['unionId', 'o…', []],
] as const

/** Where each id of a contact is accepted. */
export function IdsAccepted() {
  const { contactIds: say } = useWords()
  return (
    <section className="box" aria-label={say.title}>
      <header>
        <h2>{say.title}</h2>
      </header>
      <div className="scrolls">
        <table className="fold wraps">
          <thead>
            <tr>
              <th>id</th>
              <th>{say.form}</th>
              <th>{say.fields}</th>
              <th>{say.notes}</th>
            </tr>
          </thead>
          <tbody>
            {IDS.map(([id, form, fields]) => (
              <tr key={id}>
                <td className="mono">{id}</td>
                <td className="mono">{form || say.freeText}</td>
                <td className="mono">{fields.join(', ') || say.nowhere}</td>
                <td>{say.of[id]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
