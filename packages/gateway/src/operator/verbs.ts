import type { VerbName } from '@qunhub/wire'
import { alertVerbs } from './alert.ts'
import { auditVerbs } from './audit.ts'
import { botVerbs } from './bots.ts'
import { callbackAddressVerbs } from './callback-address.ts'
import { callbackRateVerbs } from './callback-rate.ts'
import { callbackVerbs } from './callbacks.ts'
import { contactVerbs } from './contacts.ts'
import { loginVerbs } from './logins.ts'
import { matchVerbs } from './matches.ts'
import { nodeVerbs } from './nodes.ts'
import { overviewVerbs } from './overview.ts'
import { personVerbs } from './people.ts'
import { puppetTryVerbs } from './puppet-try.ts'
import { receiverExaminationVerbs } from './receiver-examination.ts'
import { replayVerbs } from './replays.ts'
import { requestVerbs } from './requests.ts'
import { roomExitVerbs } from './rooms/room-exit.ts'
import { roomSyncVerbs } from './rooms/room-sync.ts'
import { roomVerbs } from './rooms/rooms.ts'
import { tagAllVerbs } from './rooms/tag-all.ts'
import { tagVerbs } from './rooms/tags.ts'
import { simulatorVerbs } from './simulator.ts'
import { tokenVerbs } from './tokens.ts'
import type { Verb } from './verb.ts'
import { workspaceVerbs } from './workspaces.ts'

/** Every verb that the contract declares; one that is missing here does not compile. */
export const verbs: { readonly [N in VerbName]: Verb<N> } = {
  ...workspaceVerbs,
  ...tokenVerbs,
  ...botVerbs,
  ...puppetTryVerbs,
  ...loginVerbs,
  ...tagVerbs,
  ...tagAllVerbs,
  ...roomVerbs,
  ...roomExitVerbs,
  ...roomSyncVerbs,
  ...callbackAddressVerbs,
  ...receiverExaminationVerbs,
  ...callbackVerbs,
  ...replayVerbs,
  ...contactVerbs,
  ...alertVerbs,
  ...nodeVerbs,
  ...personVerbs,
  ...auditVerbs,
  ...callbackRateVerbs,
  ...requestVerbs,
  ...overviewVerbs,
  ...simulatorVerbs,
  ...matchVerbs,
}
