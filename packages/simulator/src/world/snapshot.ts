import { qrcodeOf, type Scan, scanOf } from './scans.ts'
import type { World } from './world.ts'
import type { BotKind, BotState, ContactKind, Invitation, Wxid } from './world-state.ts'

/** The form of `GET /world`. Other programs rely on it: add to it, never change it. */
export interface WorldSnapshot {
  corps: { id: string; name: string }[]
  bots: {
    wxid: Wxid
    userId: string
    nickName: string
    kind: BotKind
    corpId: string | null
    state: BotState
    token: string
    endpoint: string
    /** While it awaits its scan: what to scan, and how far somebody has come with it. */
    scan?: { qrcode: string; status: Scan['status'] }
  }[]
  contacts: {
    wxid: Wxid
    name: string
    kind: ContactKind
    userId?: string
    corpId?: string
    corporation?: string
    unionId?: string
    externalUserId?: string
    friendOf: Wxid[]
  }[]
  rooms: {
    wxid: Wxid
    topic: string
    external: boolean
    ownerId: Wxid
    wecomChatId: string
    members: { wxid: Wxid; alias: string; joinedAt: number }[]
  }[]
  invitations: Pick<Invitation, 'id' | 'roomWxid' | 'contactWxid' | 'botWxid' | 'state'>[]
  messages: { roomWxid: Wxid; from: Wxid; text: string; at: number }[]
}

export function takeSnapshot(world: World): WorldSnapshot {
  const friendOf = Map.groupBy(
    world.friendships.entries().flatMap(([bot, friends]) => friends.values().map(wxid => ({ bot, wxid }))),
    friendship => friendship.wxid,
  )
  return {
    corps: [...world.corps.values()].map(({ id, name }) => ({ id, name })),
    bots: [...world.bots.values()].map(bot => {
      const { wxid, userId, nickName, kind, corpId, state, token } = bot
      const shown = { wxid, userId, nickName, kind, corpId, state, token, endpoint: world.endpoint }
      if (state !== 'awaiting-scan') return shown
      const scan = scanOf(world, bot)
      return { ...shown, scan: { qrcode: qrcodeOf(wxid, scan), status: scan.status } }
    }),
    contacts: [...world.contacts.values()].map(contact => ({
      wxid: contact.wxid,
      name: contact.name,
      kind: contact.kind,
      ...(contact.kind === 'coworker'
        ? { userId: contact.userId, corpId: contact.corpId }
        : {
            ...(contact.corporation === null ? {} : { corporation: contact.corporation }),
            ...(contact.unionId === null ? {} : { unionId: contact.unionId }),
            externalUserId: contact.externalUserId,
          }),
      friendOf: (friendOf.get(contact.wxid) ?? []).map(friendship => friendship.bot),
    })),
    rooms: [...world.rooms.values()].map(({ wxid, topic, external, ownerId, wecomChatId, members }) => ({
      wxid,
      topic,
      external,
      ownerId,
      wecomChatId,
      members: [...members.values()].map(member => {
        return { wxid: member.wxid, alias: member.alias, joinedAt: member.joinedAt }
      }),
    })),
    invitations: [...world.invitations.values()].map(({ id, roomWxid, contactWxid, botWxid, state }) => {
      return { id, roomWxid, contactWxid, botWxid, state }
    }),
    messages: world.messages.map(({ roomWxid, from, text, at }) => ({ roomWxid, from, text, at })),
  }
}
