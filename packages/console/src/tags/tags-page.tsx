import { useVerb } from '../api/use-verb.ts'
import { ActDialog } from '../frame/acting/act-dialog.tsx'
import { toConfirm } from '../frame/acting/confirm.ts'
import { Copyable } from '../frame/copyable.tsx'
import { ListPage } from '../frame/list-page.tsx'
import { useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { showCount } from '../show/moment.ts'

export function TagsPage() {
  const { tags: say } = useWords().pages
  const workspace = useWorkspaceId()
  const read = useVerb('list-tags', { workspace })
  const named = { name: 'name', label: say.name, kind: 'text', required: true } as const
  return (
    <ListPage
      page="tags"
      read={read}
      rows={read.data?.tags}
      columns={[say.name, { number: say.rooms }, 'mhTagId', 'actions']}
      none={{ title: say.none, why: say.noneWhy }}
      actions={
        <ActDialog
          verb="add-tag"
          label={say.add}
          needs="operator"
          isMain
          fixed={{ workspace }}
          fields={[named]}
        />
      }
    >
      {({ id, name, roomCount }) => (
        <tr key={id}>
          <td title={name}>{name}</td>
          <td className="num">{showCount(roomCount)}</td>
          <td>
            <Copyable text={id} />
          </td>
          <td className="acts">
            <div className="row">
              <ActDialog
                verb="rename-tag"
                label={say.rename}
                needs="operator"
                isSmall
                fixed={{ workspace, tag: id }}
                fields={[{ ...named, initial: name }]}
              />
              <ActDialog
                verb="remove-tag"
                label={say.remove}
                needs="owner"
                isSmall
                fixed={{ workspace, tag: id }}
                confirm={toConfirm(name, id)}
              >
                <p>{say.removeWhy(roomCount)}</p>
              </ActDialog>
            </div>
          </td>
        </tr>
      )}
    </ListPage>
  )
}
