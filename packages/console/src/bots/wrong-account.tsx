import type { BotLoginRecord, BotRecord } from '@qunhub/wire'
import { ActDialog } from '../frame/acting/act-dialog.tsx'
import { useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { idToType, nameOf } from './standing.ts'

interface WrongAccountProps {
  readonly bot: BotRecord
  readonly login: BotLoginRecord
}

/** Both names, and two ways out. */
export function WrongAccount({ bot, login: { otherAccount } }: WrongAccountProps) {
  const { bots: say } = useWords()
  const workspace = useWorkspaceId()
  const other = otherAccount ? `${otherAccount.nickName} (${otherAccount.userId})` : '?'
  const fixed = { workspace, bot: bot.id }
  return (
    <div className="within stack">
      <h2>{say.wrongTitle}</h2>
      <p>{say.wrongWhy(`${nameOf(bot)} (${idToType(bot)})`, other)}</p>
      <div className="row">
        {otherAccount && (
          <ActDialog
            verb="accept-account"
            label={say.accept(other)}
            needs="owner"
            fixed={{ ...fixed, account: otherAccount.wxid as never }}
          >
            <p>{say.acceptWhy}</p>
          </ActDialog>
        )}
        <ActDialog verb="logout-bot" label={say.letGo} needs="operator" isMain fixed={fixed}>
          <p>{say.wrongHelp}</p>
        </ActDialog>
      </div>
    </div>
  )
}
