import { type ContactWxid, cleanText, type RoomWxid } from '@qunhub/wire'
import type { Room, RoomMember } from '../../model/room.ts'

/** The edge at which a puppet's text is made clean (G-5). A member that it names twice is one member (RW-3). */
export function cleanRoom(room: Room): Room {
  const members = new Map<string, RoomMember>()
  for (const { contact, roomAlias, ...rest } of room.members) {
    const wxid = cleanText(contact.wxid) as ContactWxid
    members.set(wxid, {
      ...rest,
      // The same object where it is clean: see `KeptContacts`.
      contact: wxid === contact.wxid ? contact : { ...contact, wxid },
      roomAlias: roomAlias === null ? null : cleanText(roomAlias),
    })
  }
  return {
    wxid: cleanText(room.wxid) as RoomWxid,
    topic: cleanText(room.topic),
    avatarUrl: cleanText(room.avatarUrl),
    ownerId: cleanText(room.ownerId) as ContactWxid,
    external: room.external,
    wecomChatId: room.wecomChatId === null ? null : cleanText(room.wecomChatId),
    members: [...members.values()],
  }
}
