import { useVerb } from '../api/use-verb.ts'
import { HereLink } from '../frame/page-link.tsx'
import { Failure, Nothing, Waiting } from '../frame/say.tsx'
import { useWorkspaceId } from '../frame/url-state.ts'
import { usePreferences } from '../preferences/use-preferences.tsx'
import type { ShownCallback } from './callback-panel.tsx'
import { differences, parseBody } from './parse-body.ts'

/** What is other than in the callback of the same room before this one. */
export function BeforeTab({ callback }: { readonly callback: ShownCallback }) {
  const { callbacks: say } = usePreferences().words
  const workspace = useWorkspaceId()
  const { id, room, body } = callback
  const list = useVerb('list-callbacks', { workspace, room, before: id, limit: 1 }, { every: false })
  const before = list.isPlaceholderData ? undefined : list.data?.callbacks[0]
  const shown = useVerb(
    'show-callback',
    { workspace, id: before?.id ?? 1 },
    { every: false, enabled: before !== undefined },
  )
  const failure = list.error ?? shown.error
  if (failure) return <Failure failure={failure} />
  if (list.isPending || list.isPlaceholderData) return <Waiting rows={3} />
  if (!before) return <Nothing title={say.firstOfRoom} />
  if (!shown.data || shown.isPlaceholderData) return <Waiting rows={3} />
  const differing = differences(parseBody(shown.data.body), parseBody(body))
  return (
    <>
      <p className="within">
        <HereLink change={{ open: String(before.id) }}>
          #{before.id} {before.kind}
        </HereLink>
      </p>
      {differing.length === 0 && <Nothing title={say.same} />}
      {differing.length > 0 && (
        <div className="scrolls">
          <table>
            <thead>
              <tr>
                <th>{say.path}</th>
                <th>{say.was}</th>
                <th>{say.is}</th>
              </tr>
            </thead>
            <tbody>
              {differing.map(({ path, before: was, after }) => (
                <tr key={path}>
                  <td className="mono">{path}</td>
                  <td className="mono" title={was}>
                    {was}
                  </td>
                  <td className="mono" title={after}>
                    {after}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  )
}
