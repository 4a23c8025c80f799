import type { ContactWxid } from '@qunhub/wire'
import type { Contact } from '../model/contact.ts'
import { ROOM_INVITEES_MAX, ROOM_INVITEES_MIN } from '../model/limits.ts'
import { done, type Result, refuse } from '../model/result.ts'
import { isSameUserId, userIdKey } from '../model/user-id.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import { isPuppetFailure } from '../puppet/puppet-failures.ts'
import { findContacts } from '../store/rooms/find-contacts.ts'
import type { CreateRequest } from './create.ts'
import type { RoomDeps } from './room-deps.ts'

type GatherRefusal =
  | 'coworker-unknown'
  | 'contact-unknown'
  | 'contact-load-failed'
  | 'invitees-too-many'
  | 'invitees-too-few'

/**
 * Everybody a new room begins with, besides the bot: coworkers first, then the people, each once. All or nothing: one
 * unknown id and no room is created (CR-21). A refusal names the offending id (CR-20).
 */
export async function gatherInvitees(
  ask: CreateRequest,
  bot: HostedBot,
  deps: RoomDeps,
): Promise<Result<readonly Contact[], GatherRefusal>> {
  const coworkers = await findCoworkers(ask, bot, deps)
  if (!coworkers.ok) return coworkers
  const named = await findPeople(ask, bot, deps)
  if (!named.ok) return named
  const people = await loadPeople(named.value, bot, deps)
  if (!people.ok) return people

  const count = people.value.length
  if (count < ROOM_INVITEES_MIN || count > ROOM_INVITEES_MAX) {
    return refuse(
      count > ROOM_INVITEES_MAX ? 'invitees-too-many' : 'invitees-too-few',
      `unionIds 与 wxids 应共 ${ROOM_INVITEES_MIN}~${ROOM_INVITEES_MAX} 人, 实为 ${count} 人`,
    )
  }
  return done(eachOnce([...coworkers.value, ...people.value]))
}

/** CR-6: `userIds` are members of the bot's own corp. The bot itself is in the room anyway. */
async function findCoworkers(
  { userIds }: CreateRequest,
  bot: HostedBot,
  deps: RoomDeps,
): Promise<Result<Contact[], 'coworker-unknown'>> {
  const others = userIds.filter(userId => !bot.account || !isSameUserId(userId, bot.account.userId))
  const known = await findContacts(deps.db, bot.bot.workspaceId, bot.bot.id, { userIds: others })
  const named = Map.groupBy(known, ({ handle }) => userIdKey(handle!))
  const coworkers: Contact[] = []
  for (const userId of others) {
    const found = named.get(userIdKey(userId)) ?? []
    // WeCom gives no two of a corp names that differ in case only; should a puppet tell of such, only the exact one is meant.
    const coworker = found.length > 1 ? found.find(({ handle }) => handle === userId) : found[0]
    if (!coworker) return refuse('coworker-unknown', userId)
    coworkers.push(coworker)
  }
  return done(eachOnce(coworkers))
}

/** CR-7, CR-23: `unionIds`, and `wxids` that may be contact wxids or externalUserIds; the bot itself does not count. */
async function findPeople(
  { unionIds, wxids }: CreateRequest,
  bot: HostedBot,
  deps: RoomDeps,
): Promise<Result<Contact[], 'contact-unknown'>> {
  const { workspaceId, id: botId } = bot.bot
  const byUnionId = new Map(
    (await findContacts(deps.db, workspaceId, botId, { unionIds })).map(c => [c.unionId as string | null, c]),
  )
  const byWxid = new Map(
    (await findContacts(deps.db, workspaceId, botId, { wxids })).map(c => [c.wxid as string, c]),
  )
  const byHandle = new Map(
    (await findContacts(deps.db, workspaceId, botId, { handles: wxids })).map(c => [c.handle, c]),
  )

  const people: Contact[] = []
  for (const unionId of unionIds) {
    const contact = byUnionId.get(unionId)
    if (!contact) return refuse('contact-unknown', unionId)
    people.push(contact)
  }
  for (const wxid of wxids) {
    if (wxid === bot.account?.wxid) continue
    const contact = byWxid.get(wxid) ?? byHandle.get(wxid) ?? (await findNewFriend(wxid, bot))
    if (!contact) return refuse('contact-unknown', wxid)
    people.push(contact)
  }
  return done(eachOnce(people))
}

/** A friend of a minute ago may not have reached the store. A stranger stays unknown, whether or not it exists (G-11). */
async function findNewFriend(wxid: string, bot: HostedBot): Promise<Contact | null> {
  try {
    const contact = await bot.readContact(wxid as ContactWxid, { fresh: true })
    return contact && (contact.isFriend || contact.coworker) ? contact : null
  } catch (failure) {
    if (!isPuppetFailure(failure)) throw failure
    return null
  }
}

/** CR-8: everybody must be loadable and a friend or coworker today; the puppet knows that better than the store. */
async function loadPeople(
  named: readonly Contact[],
  bot: HostedBot,
  deps: RoomDeps,
): Promise<Result<Contact[], 'contact-load-failed'>> {
  const loaded = await loadFromPuppet(named, bot, deps)
  for (const contact of named) {
    const today = loaded.get(contact.wxid)
    if (!today || !(today.isFriend || today.coworker)) return refuse('contact-load-failed', contact.wxid)
  }
  return done([...named])
}

async function loadFromPuppet(
  named: readonly Contact[],
  bot: HostedBot,
  deps: RoomDeps,
): Promise<Map<ContactWxid, Contact>> {
  try {
    const wxids = named.map(contact => contact.wxid)
    const contacts = await bot.readContacts(wxids, { fresh: true })
    return new Map(contacts.map(contact => [contact.wxid, contact]))
  } catch (failure) {
    if (!isPuppetFailure(failure)) throw failure
    deps.log.warn({ bot: bot.bot.id, failure: failure.name }, 'contacts could not be loaded')
    return new Map()
  }
}

const eachOnce = (contacts: readonly Contact[]): Contact[] => [
  ...new Map(contacts.map(contact => [contact.wxid, contact])).values(),
]
