import { puppet } from '@juzi/wechaty-grpc'
import { ContactWxid, UserId } from '@qunhub/wire'
import type { BotAccount } from '../../model/bot.ts'
import { type Clock, SECOND_MS, sleep } from '../../system/clock.ts'
import type { Log } from '../../system/log.ts'
import type { Random } from '../../system/random.ts'
import { type BackOff, waitAfter } from '../back-off.ts'
import { contactThings, type Forgetting } from '../forgetting.ts'
import type { PuppetClient } from '../puppet-client.ts'
import { isPuppetFailure, PuppetExcess, PuppetRefused } from '../puppet-failures.ts'
import { shownText, urlOf } from '../puppet-text.ts'

/** So long a puppet may not know whose login it has told of; from then on whom it says is logged in counts. */
const DOUBT_AFTER_MS = 10 * SECOND_MS

/**
 * Who has just logged in. Right after a login many puppets cannot load even their own account, so it asks again
 * until it is told, or `signal` aborts (null), or the puppet says that it is somebody else, who is returned: a login is
 * also believed of a puppet that says nothing (`login-doubts.ts`).
 */
export const readAccount = async (
  client: PuppetClient,
  wxid: ContactWxid,
  { clock, random, log, backOff }: { clock: Clock; random: Random; log: Log; backOff: BackOff },
  signal: AbortSignal,
): Promise<BotAccount | ContactWxid | null> => {
  const begun = clock.now()
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    try {
      return await askAccount(client, wxid)
    } catch (error) {
      if (!isPuppetFailure(error)) throw error
      if (signal.aborted) return null
      log.warn({ attempt, failure: error.name }, 'the account that logged in cannot be read yet')
    }
    const isDoubted = clock.now() - begun >= DOUBT_AFTER_MS
    const loggedIn = isDoubted && (await askWhoIsLoggedIn(client, () => {}))
    if (loggedIn && loggedIn !== wxid && !signal.aborted) return loggedIn
    await sleep(clock, waitAfter(attempt, backOff, random), signal)
  }
  return null
}

/** Asks once. Throws what the call throws. */
const askAccount = async (client: PuppetClient, wxid: ContactWxid): Promise<BotAccount> =>
  toAccount(await client.contactPayload(wxid), wxid)

/** Null: nobody. Undefined: the puppet did not say. */
export async function askWhoIsLoggedIn(
  client: PuppetClient,
  complain: (failure: unknown) => void,
): Promise<ContactWxid | null | undefined> {
  try {
    return ContactWxid.safeParse(await client.currentUser()).data ?? null
  } catch (failure) {
    complain(failure)
    // Stock servers refuse the question while nobody is.
    return failure instanceof PuppetRefused ? null : undefined
  }
}

export const toAccount = (payload: puppet.ContactPayloadResponse, wxid: ContactWxid): BotAccount => ({
  wxid,
  // A personal WeChat account has no userId; its wxid serves, so that it can be named at all.
  userId: UserId.safeParse(payload.getWeixin()).data ?? UserId.parse(wxid),
  nickName: shownText(payload.getName()),
  avatarUrl: urlOf(payload.getAvatar()),
  kind: payload.getType() === puppet.ContactType.CONTACT_TYPE_CORPORATION ? 'wecom' : 'wechat',
})

export class AccountReads {
  #asked = 0
  /** When the latest of those that were answered was asked. */
  #answered = 0

  /**
   * What the puppet says of the account now, whatever it had kept; null when it refuses, or tells too much, and where somebody who
   * asked since has been told already, for he knows better.
   */
  async anew(client: PuppetClient, wxid: ContactWxid, forgetting: Forgetting): Promise<BotAccount | null> {
    const asked = ++this.#asked
    try {
      forgetting.noteReadElsewhere([wxid])
      const onHeard = await forgetting.ask(client, contactThings([wxid]), { isKept: true })
      const account = await askAccount(client, wxid).finally(onHeard)
      if (asked < this.#answered) return null
      this.#answered = asked
      return account
    } catch (failure) {
      if (failure instanceof PuppetRefused || failure instanceof PuppetExcess) return null
      throw failure
    }
  }
}
