import type { Tenure } from '../../model/bot.ts'
import type { Contact } from '../../model/contact.ts'
import type { Database } from '../database/database.ts'
import { saveContacts } from './contacts.ts'

/** As `saveContacts`, of one whom somebody has named: who is neither friend nor coworker, nor known from a room, stays unknown (G-11). */
export async function saveAcquaintance(db: Database, tenure: Tenure, contact: Contact): Promise<void> {
  const known = db.hot.contacts(tenure.workspaceId, tenure.botId, [contact.wxid])
  if (contact.isFriend || contact.coworker || (await db.first(known)))
    await saveContacts(db, tenure, [contact])
}
