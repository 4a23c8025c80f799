import { useVerb } from '../api/use-verb.ts'
import { useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'

/** One of the tags, or whatever tag. */
export function TagChoice({ tag, choose }: { readonly tag: string; choose(tag: string): void }) {
  const { rooms: say } = useWords().pages
  const { data } = useVerb('list-tags', { workspace: useWorkspaceId() }, { every: 60_000 })
  return (
    <select
      className="pick"
      aria-label={say.tags}
      value={tag}
      onChange={event => choose(event.currentTarget.value)}
    >
      <option value="">{say.anyTag}</option>
      {data?.tags.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  )
}
