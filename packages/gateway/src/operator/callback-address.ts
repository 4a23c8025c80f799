import { splitCredentials } from '@qunhub/wire'
import { isTaken, receiverAdvice } from '@qunhub/wire/words'
import { done, refuse } from '../model/result.ts'
import { resumeAddress } from '../store/outbox/breaker-row.ts'
import {
  clearCallbackUrl,
  describeAddress,
  findCallbackAddress,
  rotateCallbackSecret,
  setCallbackUrl,
  setReceiverHeader,
} from '../store/outbox/callback-addresses.ts'
import { findReceiver } from '../store/outbox/find-receiver.ts'
import { HOUR_MS } from '../system/clock.ts'
import type { Verbs } from './verb.ts'

/** Where the callbacks of a workspace go, and what its receiver is shown. */
export const callbackAddressVerbs = {
  /**
   * The workspace's callback base. What was owed before goes to it too; the signing secret is made once and stays. A user and
   * a password in it become the header that the receiver is sent (CB-13), and are not shown again.
   */
  'set-callback-url': async ({ url: given }, { db, keyring, random, clock, vetName, workspace }) => {
    const { url, authorization } = splitCredentials(given)
    const refused = await vetName(new URL(url).hostname, workspace.id)
    if (refused) return refuse('callback-url-refused', refused)

    const at = clock.now()
    const isNew = (await findCallbackAddress(db, keyring, workspace.id, at)) === undefined
    const credentials = authorization === null ? undefined : { name: 'Authorization', value: authorization }
    const kept = await setCallbackUrl(db, keyring, random, workspace.id, url, at, credentials)
    const { secret, header, formerHeader } = kept
    return done({
      workspaceId: workspace.id,
      url,
      secret: isNew ? secret : null,
      ...(header === null ? {} : { header }),
      ...(formerHeader === null ? {} : { formerHeader }),
    })
  },

  /** Nothing new is owed from now on; what is owed already waits for another address. The signing secret stays. */
  'clear-callback-url': async (_asked, { db, workspace }) =>
    done({ workspaceId: workspace.id, cleared: await clearCallbackUrl(db, workspace.id) }),

  /** The one header that the receiver is sent with each callback (CB-13). Its value is never told again. */
  'set-callback-header': async ({ header, value }, { db, keyring, workspace }) => {
    const set = await setReceiverHeader(db, keyring, workspace.id, { name: header, value })
    return set ? done({ workspaceId: workspace.id, header }) : refuse('callback-url-unset')
  },

  /** The receiver is sent no header of its own any more (CB-13). */
  'clear-callback-header': async (_asked, { db, keyring, workspace }) => {
    const cleared = await setReceiverHeader(db, keyring, workspace.id, null)
    return cleared
      ? done({ workspaceId: workspace.id, cleared: cleared.former !== null })
      : refuse('callback-url-unset')
  },

  /** What receivers check the signature with. It was told when the callback base was first set; receivers lose things. */
  'show-callback-secret': async (_asked, { db, keyring, clock, workspace }) => {
    const address = await findCallbackAddress(db, keyring, workspace.id, clock.now())
    // The newest secret stands first.
    const secret = address?.secrets[0]
    if (!address || secret === undefined) return refuse('callback-url-unset')
    return done({ workspaceId: workspace.id, url: address.baseUrl, secret })
  },

  /** A new signing secret; the former one goes on signing as well for some hours, so that receivers can change (CB-9). */
  'rotate-callback-secret': async ({ overlapHours }, { db, keyring, random, clock, workspace }) => {
    const overlap = { at: clock.now(), overlapMs: overlapHours * HOUR_MS }
    const rotated = await rotateCallbackSecret(db, keyring, random, workspace.id, overlap)
    if (!rotated) return refuse('callback-url-unset')
    const endedEarly = rotated.endedEarly.map(({ secret, until }) => ({
      secret: beginningOf(secret),
      promisedUntil: until ?? rotated.formerUntil,
    }))
    return done({ workspaceId: workspace.id, ...rotated, endedEarly })
  },

  /** Whether the address takes callbacks at present, how much waits for it (CB-7), and which header it is sent (CB-13). */
  'show-callback-address': async (_asked, { db, keyring, clock, workspace }) => {
    const address = await describeAddress(db, workspace.id)
    const kept = await findCallbackAddress(db, keyring, workspace.id, clock.now())
    if (!address || !kept) return refuse('callback-url-unset')
    return done({ workspaceId: workspace.id, ...address, header: kept.header })
  },

  /**
   * Posts a signed test to the address and waits for what it says (CB-20): once, now, and past the outbox. Whether it was taken or
   * not is told, and neither is a refusal.
   */
  'test-callback': async (_asked, { db, keyring, clock, sendTest, workspace }) => {
    const receiver = await findReceiver(db, keyring, workspace.id, clock.now())
    if (!receiver) return refuse('callback-url-unset')
    const answered = await sendTest(receiver)
    if (!answered) return refuse('test-under-way')
    return done({
      workspaceId: workspace.id,
      taken: isTaken(answered),
      ...answered,
      advice: receiverAdvice(answered),
    })
  },

  /** The customer says that the receiver is back: no need to wait for the probe (CB-7). */
  'resume-callbacks': async (_asked, { db, live, workspace }) => {
    const resumed = await resumeAddress(db, workspace.id)
    if (resumed === undefined) return refuse('callback-url-unset')
    live?.wakeCourier()
    return done({ workspaceId: workspace.id, resumed })
  },
} satisfies Verbs

/** Enough to find out which receiver has it, and nothing that anybody could sign with. */
const beginningOf = (secret: string): string => `${secret.slice(0, BEGINNING_CHARS)}…`
const BEGINNING_CHARS = 'whsec_'.length + 8
