import type { ContactRecord } from '@qunhub/wire'
import { done } from '../model/result.ts'
import { type ContactPage, type KnownContact, listContacts as list } from '../store/list-contacts.ts'
import { chooseBot } from './choose-bot.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/** Whom the bots know, by wxid, with all ids side by side; page by page, or whoever goes by an id. */
export const listContacts: Verb<'list-contacts'> = async ({ workspace, bot, ...which }, deps) => {
  const chosen = await chooseWorkspace(deps.db, workspace)
  if (!chosen.ok) return chosen
  const workspaceId = chosen.value.id
  if (bot === undefined) return done(presentPage(await list(deps.db, workspaceId, which)))
  const named = await chooseBot(deps, workspaceId, bot)
  if (!named.ok) return named
  return done(presentPage(await list(deps.db, workspaceId, { ...which, botId: named.value.id })))
}

const presentPage = ({ contacts, next }: ContactPage) => ({ contacts: contacts.map(present), next })

const present = ({ botId, contact }: KnownContact): ContactRecord => ({
  botId,
  wxid: contact.wxid,
  name: contact.name,
  alias: contact.alias,
  userId: contact.coworker ? contact.handle : null,
  externalUserId: contact.coworker ? null : contact.handle,
  unionId: contact.unionId,
  isFriend: contact.isFriend,
  coworker: contact.coworker,
})
