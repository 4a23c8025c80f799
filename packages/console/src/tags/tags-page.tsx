import { useVerb } from '../api/use-verb.ts'
import { ActDialog } from '../frame/act-dialog.tsx'
import { Copyable } from '../frame/copyable.tsx'
import { Failure, Nothing, Waiting } from '../frame/say.tsx'
import { Unnamed } from '../frame/unnamed.tsx'
import { useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { showCount } from '../show/moment.ts'

export function TagsPage() {
  const { pages, frame } = useWords()
  const { tags: say } = pages
  const workspace = useWorkspaceId()
  const { data, error, refetch } = useVerb('list-tags', { workspace })
  const nameField = (initial?: string) => [
    {
      name: 'name',
      label: say.name,
      kind: 'text' as const,
      required: true,
      ...(initial === undefined ? {} : { initial }),
    },
  ]
  return (
    <>
      <div className="head">
        <h1>{frame.pages.tags}</h1>
        <span className="grow" />
        <ActDialog
          verb="add-tag"
          label={say.add}
          needs="operator"
          isMain
          fixed={{ workspace }}
          fields={nameField()}
        />
      </div>
      <section className="box" aria-label={frame.pages.tags}>
        {error && <Failure failure={error} again={() => void refetch()} />}
        {!data && !error && <Waiting />}
        {data?.tags.length === 0 && (
          <Nothing title={say.none}>
            <p>{say.noneWhy}</p>
          </Nothing>
        )}
        {data && data.tags.length > 0 && (
          <table className="fold">
            <thead>
              <tr>
                <th>{say.name}</th>
                <th className="num">{say.rooms}</th>
                <th>mhTagId</th>
                <Unnamed />
              </tr>
            </thead>
            <tbody>
              {data.tags.map(({ id, name, roomCount }) => (
                <tr key={id}>
                  <td title={name}>{name}</td>
                  <td className="num">{showCount(roomCount)}</td>
                  <td>
                    <Copyable text={id} />
                  </td>
                  <td>
                    <div className="row">
                      <ActDialog
                        verb="rename-tag"
                        label={say.rename}
                        needs="operator"
                        isSmall
                        fixed={{ workspace, tag: id }}
                        fields={nameField(name)}
                      />
                      <ActDialog
                        verb="remove-tag"
                        label={say.remove}
                        needs="owner"
                        isSmall
                        fixed={{ workspace, tag: id }}
                        confirm={name}
                      >
                        <p>{say.removeWhy(roomCount)}</p>
                      </ActDialog>
                    </div>
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
