import { useVerb } from '../api/use-verb.ts'
import { nameOf } from '../bots/standing.ts'
import { Pick } from '../fields/pick.tsx'
import { useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'

/** One of the bots, or all of them. */
export function BotChoice({ bot, choose }: { readonly bot: string; choose(bot: string | undefined): void }) {
  const { rooms: say } = useWords().pages
  const { data } = useVerb('list-bots', { workspace: useWorkspaceId() }, { every: 60_000 })
  const options = (data?.bots ?? []).map(each => [each.id, nameOf(each)] as const)
  return <Pick label={say.bot} value={bot} any={say.anyBot} options={options} choose={choose} />
}
