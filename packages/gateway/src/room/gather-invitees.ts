import type { ContactWxid, UserId } from '@qunhub/wire'
import type { Contact } from '../model/contact.ts'
import { ROOM_INVITEES_MAX, ROOM_INVITEES_MIN } from '../model/limits.ts'
import { done, type Result, refuse } from '../model/result.ts'
import { isSameUserId, userIdKey } from '../model/user-id.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import { isPuppetFailure } from '../puppet/puppet-failures.ts'
import { type ContactNames, findContacts } from '../store/rooms/find-contacts.ts'
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
  const { workspaceId, id: botId } = bot.bot
  const find = (names: ContactNames) => findContacts(deps.db, workspaceId, botId, names)
  const userIds = ask.userIds.filter(userId => !bot.account || !isSameUserId(userId, bot.account.userId))
  // Asked in one breath, for the sake of a database at the end of a wire.
  const [byUserId, byUnionId, byWxid, byHandle] = await Promise.all([
    find({ userIds }),
    find({ unionIds: ask.unionIds }),
    find({ wxids: ask.wxids }),
    find({ handles: ask.wxids }),
  ])
  const coworkers = chooseCoworkers(userIds, byUserId)
  if (!coworkers.ok) return coworkers
  const named = await choosePeople(ask, bot, { byUnionId, byWxid, byHandle })
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
function chooseCoworkers(
  userIds: readonly UserId[],
  known: readonly Contact[],
): Result<Contact[], 'coworker-unknown'> {
  const named = Map.groupBy(known, ({ handle }) => userIdKey(handle!))
  const coworkers: Contact[] = []
  for (const userId of userIds) {
    const found = named.get(userIdKey(userId)) ?? []
    // WeCom gives no two of a corp names that differ in case only; should a puppet tell of such, only the exact one is meant.
    const coworker = found.length > 1 ? found.find(({ handle }) => handle === userId) : found[0]
    if (!coworker) return refuse('coworker-unknown', userId)
    coworkers.push(coworker)
  }
  return done(eachOnce(coworkers))
}

/** CR-7, CR-23: `unionIds`, and `wxids` that may be contact wxids or externalUserIds; the bot itself does not count. */
async function choosePeople(
  { unionIds, wxids }: CreateRequest,
  bot: HostedBot,
  known: Readonly<Record<'byUnionId' | 'byWxid' | 'byHandle', readonly Contact[]>>,
): Promise<Result<Contact[], 'contact-unknown'>> {
  const byUnionId = new Map(known.byUnionId.map(c => [c.unionId as string | null, c]))
  const byWxid = new Map(known.byWxid.map(c => [c.wxid as string, c]))
  const byHandle = new Map(known.byHandle.map(c => [c.handle, c]))

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
