import type { VerbName } from '@qunhub/wire'
import { acceptAccount } from './accept-account.ts'
import { addBot } from './add-bot.ts'
import { addTag } from './add-tag.ts'
import { addWorkspace } from './add-workspace.ts'
import { assignTag } from './assign-tag.ts'
import { clearCallbackHeader } from './clear-callback-header.ts'
import { importContacts } from './import-contacts.ts'
import { issueToken } from './issue-token.ts'
import { listBots } from './list-bots.ts'
import { listCallbacks } from './list-callbacks.ts'
import { listChats } from './list-chats.ts'
import { listContacts } from './list-contacts.ts'
import { listReplays } from './list-replays.ts'
import { listTags } from './list-tags.ts'
import { listTokens } from './list-tokens.ts'
import { listWorkspaces } from './list-workspaces.ts'
import { loginBot } from './login-bot.ts'
import { logoutBot } from './logout-bot.ts'
import { replayCallbacks } from './replay-callbacks.ts'
import { resolveContacts } from './resolve-contacts.ts'
import { resumeCallbacks } from './resume-callbacks.ts'
import { revokeToken } from './revoke-token.ts'
import { rotateCallbackSecret } from './rotate-callback-secret.ts'
import { setCallbackHeader } from './set-callback-header.ts'
import { setCallbackUrl } from './set-callback-url.ts'
import { setWorkspace } from './set-workspace.ts'
import { showBot } from './show-bot.ts'
import { showCallback } from './show-callback.ts'
import { showCallbackAddress } from './show-callback-address.ts'
import { showCallbackSecret } from './show-callback-secret.ts'
import { startReplay } from './start-replay.ts'
import { steerReplay } from './steer-replay.ts'
import { syncBot } from './sync-bot.ts'
import { testAlert } from './test-alert.ts'
import { unassignTag } from './unassign-tag.ts'
import type { Verb } from './verb.ts'
import { verifyBot } from './verify-bot.ts'

/** Every verb that the contract declares; one that is missing here does not compile. */
export const verbs: { readonly [N in VerbName]: Verb<N> } = {
  'add-workspace': addWorkspace,
  'list-workspaces': listWorkspaces,
  'set-workspace': setWorkspace,
  'issue-token': issueToken,
  'list-tokens': listTokens,
  'revoke-token': revokeToken,
  'add-bot': addBot,
  'list-bots': listBots,
  'show-bot': showBot,
  'login-bot': loginBot,
  'verify-bot': verifyBot,
  'logout-bot': logoutBot,
  'accept-account': acceptAccount,
  'sync-bot': syncBot,
  'add-tag': addTag,
  'list-tags': listTags,
  'assign-tag': assignTag,
  'unassign-tag': unassignTag,
  'list-chats': listChats,
  'set-callback-url': setCallbackUrl,
  'set-callback-header': setCallbackHeader,
  'clear-callback-header': clearCallbackHeader,
  'show-callback-secret': showCallbackSecret,
  'list-callbacks': listCallbacks,
  'show-callback': showCallback,
  'replay-callbacks': replayCallbacks,
  'rotate-callback-secret': rotateCallbackSecret,
  'show-callback-address': showCallbackAddress,
  'resume-callbacks': resumeCallbacks,
  'start-replay': startReplay,
  'list-replays': listReplays,
  'steer-replay': steerReplay,
  'list-contacts': listContacts,
  'import-contacts': importContacts,
  'resolve-contacts': resolveContacts,
  'test-alert': testAlert,
}
