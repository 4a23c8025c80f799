import { useVerb } from '../api/use-verb.ts'
import { Pick } from '../fields/pick.tsx'
import { useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'

/** One of the tags, or whatever tag. */
export function TagChoice({ tag, choose }: { readonly tag: string; choose(tag: string | undefined): void }) {
  const { rooms: say } = useWords().pages
  const { data } = useVerb('list-tags', { workspace: useWorkspaceId() }, { every: 60_000 })
  const options = (data?.tags ?? []).map(({ id, name }) => [id, name] as const)
  return <Pick label={say.tags} value={tag} any={say.anyTag} options={options} choose={choose} />
}
