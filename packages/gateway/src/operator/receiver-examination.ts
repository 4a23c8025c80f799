import { splitCredentials } from '@qunhub/wire'
import { done, refuse } from '../model/result.ts'
import { isFailed } from '../model/way-steps.ts'
import { findCallbackAddress } from '../store/outbox/callback-addresses.ts'
import { findReceiver } from '../store/outbox/find-receiver.ts'
import type { Verbs } from './verb.ts'

export const receiverExaminationVerbs = {
  /**
   * Another address is examined with the secrets that the workspace has, for they stay when it is changed; its header is that of
   * the address, as it will be.
   */
  'examine-receiver': async ({ url: given }, { db, keyring, clock, examineReceiver, workspace }) => {
    const at = clock.now()
    const present = await findReceiver(db, keyring, workspace.id, at)
    if (given === undefined && !present) return refuse('callback-url-unset')
    const { url, authorization } = splitCredentials(given ?? present?.baseUrl ?? '')
    const secrets =
      present?.secrets ?? (await findCallbackAddress(db, keyring, workspace.id, at))?.secrets ?? []
    const header =
      authorization === null ? (present?.header ?? null) : { name: 'Authorization', value: authorization }
    const steps = await examineReceiver({ workspaceId: workspace.id, baseUrl: url, secrets, header })
    return steps ? done({ isWell: !steps.some(isFailed), steps }) : refuse('test-under-way')
  },
} satisfies Verbs
