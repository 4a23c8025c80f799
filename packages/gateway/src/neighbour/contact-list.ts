import type { ContactRow, contactList, Page, RequestOf } from '@qunhub/wire'
import { contactChatIdOf } from '../model/contact.ts'
import type { Queryable } from '../store/database/database.ts'
import {
  type GivingWay,
  type ListedContact,
  listedContactsOf,
  pageOfContacts,
} from '../store/rooms/contact-pages.ts'
import { type Caller, cutPage } from './page.ts'

/** GET /contact/list: friends and coworkers of every bot, one row for each bot; with `wxid` those of one person (NB-4). */
export async function listContacts(
  { current, pageSize, wxid }: Omit<RequestOf<typeof contactList>, 'token'>,
  { workspaceId }: Caller,
  db: Queryable,
  turn: GivingWay,
): Promise<{ data: ContactRow[]; page: Page }> {
  const toRow = ({ bot, contact }: ListedContact): ContactRow => ({
    chatId: contactChatIdOf(workspaceId, bot.wxid, contact.wxid),
    botInfo: bot,
    wxid: contact.wxid,
    weixin: contact.coworker ? (contact.handle ?? '') : '',
    nickName: contact.name,
    alias: contact.alias ?? '',
    avatarUrl: contact.avatarUrl,
    gender: contact.gender,
    contactType: contact.type,
    coworker: contact.coworker,
    ...(contact.corporation !== null && { corporation: contact.corporation }),
    ...(contact.unionId !== null && { unionId: contact.unionId }),
    ...(!contact.coworker && contact.handle !== null && { externalUserId: contact.handle }),
  })
  if (wxid) {
    const { rows, page } = cutPage(await listedContactsOf(db, workspaceId, wxid), { current, pageSize })
    return { data: rows.map(toRow), page }
  }
  const page = { offset: current * pageSize, limit: pageSize }
  const { rows, total } = await pageOfContacts(db, workspaceId, page, turn)
  return { data: rows.map(toRow), page: { current, total } }
}
