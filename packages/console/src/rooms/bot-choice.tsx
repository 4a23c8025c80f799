import { useVerb } from '../api/use-verb.ts'
import { nameOf } from '../bots/standing.ts'
import { useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'

/** One of the bots, or all of them. */
export function BotChoice({ bot, choose }: { readonly bot: string; choose(bot: string): void }) {
  const { rooms: say } = useWords().pages
  const { data } = useVerb('list-bots', { workspace: useWorkspaceId() }, { every: 60_000 })
  return (
    <select
      className="pick"
      aria-label={say.bot}
      value={bot}
      onChange={event => choose(event.currentTarget.value)}
    >
      <option value="">{say.anyBot}</option>
      {data?.bots.map(each => (
        <option key={each.id} value={each.id}>
          {nameOf(each)}
        </option>
      ))}
    </select>
  )
}
