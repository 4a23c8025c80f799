import type { VerbName } from '@qunhub/wire'
import { alertAnswers } from './alert.ts'
import type { Answer, OwnWay, Show } from './answer.ts'
import { auditAnswers } from './audit.ts'
import { botAnswers } from './bot.ts'
import { callbackAnswers } from './callback.ts'
import { callbackTestAnswers } from './callback-test.ts'
import { contactAnswers } from './contact.ts'
import { matchAnswers } from './match.ts'
import { nodeAnswers } from './node.ts'
import { overviewAnswers } from './overview.ts'
import { personAnswers } from './person.ts'
import { requestAnswers } from './request.ts'
import { roomAnswers } from './room.ts'
import { simulatorAnswers } from './simulator.ts'
import { tagAnswers } from './tag.ts'
import { tokenAnswers } from './token.ts'
import { workspaceAnswers } from './workspace.ts'

/** Every verb that the contract declares, as people see it; one that is missing here does not compile. */
export const answers: { readonly [N in VerbName]: Show<N> | Answer<N> | OwnWay } = {
  ...workspaceAnswers,
  ...tokenAnswers,
  ...botAnswers,
  ...tagAnswers,
  ...roomAnswers,
  ...callbackAnswers,
  ...callbackTestAnswers,
  ...contactAnswers,
  ...alertAnswers,
  ...nodeAnswers,
  ...personAnswers,
  ...auditAnswers,
  ...requestAnswers,
  ...overviewAnswers,
  ...simulatorAnswers,
  ...matchAnswers,
}
