import { useVerb } from '../api/use-verb.ts'
import { Failure, Waiting } from '../frame/say.tsx'
import { useWords } from '../preferences/use-preferences.tsx'

export function NodesPage() {
  const { pages, frame } = useWords()
  const { nodes: say } = pages
  const { data, error, refetch } = useVerb('list-nodes', {})
  return (
    <>
      <div className="head">
        <h1>{frame.pages.nodes}</h1>
      </div>
      <section className="box" aria-label={frame.pages.nodes}>
        {error && <Failure failure={error} again={() => void refetch()} />}
        {!data && !error && <Waiting />}
        {data && (
          <table className="fold">
            <thead>
              <tr>
                <th>ID</th>
                <th>{say.bots}</th>
                <th>{say.address}</th>
                <th>{say.connected}</th>
              </tr>
            </thead>
            <tbody>
              {data.nodes.map(({ id, address, bots, isThis, connected }) => (
                <tr key={id}>
                  <td className="mono">
                    {id} {isThis && <span className="tag info">{say.isThis}</span>}
                  </td>
                  <td className="num">{bots}</td>
                  <td className="mono hide">{address ?? frame.none}</td>
                  <td>
                    <span className={`tag ${connected ? 'ok' : 'bad'}`}>
                      {connected ? say.connected : say.away}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {data && data.free > 0 && (
          <footer>
            <span className="tag wait">{say.free(data.free)}</span>
          </footer>
        )}
      </section>
    </>
  )
}
