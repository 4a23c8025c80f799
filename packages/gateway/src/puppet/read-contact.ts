import type { puppet } from '@juzi/wechaty-grpc'
import { type ContactType, ContactWxid } from '@qunhub/wire'
import type { BotAccount } from '../model/bot.ts'
import type { Contact } from '../model/contact.ts'
import { PAYLOADS_PER_BATCH_MAX } from './bounded-batches.ts'
import { inParallel } from './bounded-parallel.ts'
import type { PuppetClient } from './puppet-client.ts'
import { PuppetExcess, PuppetRefused } from './puppet-failures.ts'
import { idOrNull, shownOrNull, shownText, urlOf } from './puppet-text.ts'

const SINGLE_CALLS_AT_ONCE_MAX = 8
/** Puppets put whatever they know into it. */
const ADDITIONAL_INFO_CHARACTERS_MAX = 65_536

/** One contact as the bot of `self` sees it; null when the puppet does not know it. */
export const readContact = async (
  puppet: PuppetClient,
  self: BotAccount,
  wxid: string,
): Promise<Contact | null> => {
  const payload = await contactPayload(puppet, wxid)
  return payload && toContact(payload, self)
}

/**
 * Many at once; those whom the puppet does not know are left out. The order is the puppet's. In one call a
 * puppet looks them up, and keeps nothing; `before` is asked before they are read one by one, which it answers with what it has kept,
 * and what that returns is called when it is done.
 */
export const readContacts = async <Wxid extends string>(
  puppet: PuppetClient,
  self: BotAccount,
  wxids: readonly Wxid[],
  before: (some: readonly Wxid[]) => Promise<() => void> = async () => () => {},
): Promise<Contact[]> => {
  const contacts: Contact[] = []
  for (let from = 0; from < wxids.length; from += PAYLOADS_PER_BATCH_MAX) {
    const some = wxids.slice(from, from + PAYLOADS_PER_BATCH_MAX)
    const payloads = await contactPayloads(puppet, some, before)
    for (const payload of payloads) {
      const contact = toContact(payload, self)
      if (contact) contacts.push(contact)
    }
  }
  return contacts
}

/** A payload in our words; null when it has no usable id. */
export const toContact = (payload: puppet.ContactPayloadResponse, self: BotAccount): Contact | null => {
  const wxid = ContactWxid.safeParse(payload.getId())
  if (!wxid.success) return null

  const isSelf = wxid.data === self.wxid
  return {
    wxid: wxid.data,
    name: shownText(payload.getName()),
    alias: shownOrNull(payload.getAlias()),
    avatarUrl: urlOf(payload.getAvatar()),
    gender: toGender(payload.getGender()),
    type: toContactType(payload.getType()),
    // Nobody is a friend of itself; that a WeCom account belongs to its own corp, puppets tell or do not.
    isFriend: isSelf ? false : payload.getFriend(),
    coworker: isSelf ? self.kind === 'wecom' : payload.getCoworker(),
    corporation: shownOrNull(payload.getCorporation()),
    handle: idOrNull(payload.getWeixin()),
    unionId: unionIdIn(payload.getAdditionalInfo()),
  }
}

/** The wire knows four types: an application (4), and whatever comes later, is unknown to it. */
const toContactType = (type: number): ContactType => (type === 1 || type === 2 || type === 3 ? type : 0)

const toGender = (gender: number): Contact['gender'] => (gender === 1 || gender === 2 ? gender : 0)

/** Puppets that know the unionId put it into a JSON object of their own making, each spelling it in its own way. */
const unionIdIn = (additionalInfo: string): string | null => {
  if (!additionalInfo || additionalInfo.length > ADDITIONAL_INFO_CHARACTERS_MAX) return null
  try {
    const info: unknown = JSON.parse(additionalInfo)
    if (typeof info !== 'object' || info === null) return null
    const found = Object.entries(info).find(([key]) => /^union_?id$/i.test(key))?.[1]
    return typeof found === 'string' ? idOrNull(found) : null
  } catch {
    return null
  }
}

/**
 * In one call. Many puppets have no batch call, or refuse the whole batch for one stale id: then one by one. So too where
 * the batch is too large to be read, because somebody in it has a name of megabytes.
 */
const contactPayloads = async <Wxid extends string>(
  puppet: PuppetClient,
  wxids: readonly Wxid[],
  before: (some: readonly Wxid[]) => Promise<() => void>,
): Promise<puppet.ContactPayloadResponse[]> => {
  if (wxids.length === 0) return []
  const batch = await orNotTold(puppet.batchContactPayload(wxids))
  if (batch) return onlyAsked(batch, wxids)

  const areRead = await before(wxids)
  try {
    const payloads: puppet.ContactPayloadResponse[] = []
    for await (const payload of inParallel(wxids, SINGLE_CALLS_AT_ONCE_MAX, wxid =>
      contactPayload(puppet, wxid),
    )) {
      if (payload) payloads.push(payload)
    }
    return payloads
  } finally {
    areRead()
  }
}

const contactPayload = (puppet: PuppetClient, wxid: string): Promise<puppet.ContactPayloadResponse | null> =>
  orNotTold(puppet.contactPayload(wxid))

/** Null: the puppet refused to tell, or told more than is read. */
export const orNotTold = async <T>(asked: Promise<T>): Promise<T | null> => {
  try {
    return await asked
  } catch (error) {
    if (error instanceof PuppetRefused || error instanceof PuppetExcess) return null
    throw error
  }
}

/** A batch may hold anything, and as much of it as it likes: what was not asked for is no answer. */
export const onlyAsked = <P extends { getId(): string }>(
  payloads: readonly P[],
  ids: readonly string[],
): P[] => {
  const asked = new Set(ids)
  return payloads.filter(payload => asked.delete(payload.getId()))
}
