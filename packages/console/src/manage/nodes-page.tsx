import { useVerb } from '../api/use-verb.ts'
import { ListPage } from '../frame/list-page.tsx'
import { useWords } from '../preferences/use-preferences.tsx'

export function NodesPage() {
  const { pages, frame } = useWords()
  const { nodes: say } = pages
  const read = useVerb('list-nodes', {})
  const free = read.data?.free ?? 0
  return (
    <ListPage
      page="nodes"
      read={read}
      rows={read.data?.nodes}
      columns={['ID', { number: say.bots }, say.address, say.store]}
      footer={
        free > 0 && (
          <footer>
            <span className="tag wait">{say.free(free)}</span>
          </footer>
        )
      }
    >
      {({ id, address, bots, isThis, connected }) => (
        <tr key={id}>
          <td className="mono">
            {id} {isThis && <span className="tag info">{say.isThis}</span>}
          </td>
          <td className="num">{bots}</td>
          <td className="mono hide">{address ?? frame.none}</td>
          <td>
            <span className={`tag ${connected ? 'ok' : 'bad'}`}>{connected ? say.connected : say.away}</span>
          </td>
        </tr>
      )}
    </ListPage>
  )
}
