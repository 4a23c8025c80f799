import type { RoomMember } from '../../model/room.ts'
import type { MemberRow } from '../database/hot-rows.ts'

export interface ComparedMembers {
  /** Rows that are new, or different from what is kept. */
  readonly put: readonly MemberRow[]
  /** The wxids of those who are no members any more. */
  readonly gone: readonly string[]
  /** Those of `seen` who were no members before. */
  readonly joined: readonly RoomMember[]
  readonly changed: boolean
}

/**
 * What has to be written so that the members stand as `seen`, in that order (RW-1). Positions only have to ascend: who
 * keeps its position among the others keeps its row, so one of five hundred who leaves costs one row and not five hundred.
 */
export function compareMembers(
  chatId: string,
  kept: readonly MemberRow[],
  seen: readonly RoomMember[],
): ComparedMembers {
  const before = new Map(kept.map(row => [row.wxid, row]))
  const put: MemberRow[] = []
  const joined: RoomMember[] = []
  let position = -1
  for (const member of seen) {
    const { contact, roomAlias } = member
    const known = before.get(contact.wxid)
    before.delete(contact.wxid)
    if (!known) joined.push(member)
    const keepsPosition = known !== undefined && known.position > position
    position = keepsPosition ? known.position : position + 1
    if (!keepsPosition || known.room_alias !== roomAlias)
      put.push({ chat_id: chatId, wxid: contact.wxid, position, room_alias: roomAlias })
  }
  const gone = [...before.keys()]
  return { put, gone, joined, changed: put.length > 0 || gone.length > 0 }
}
