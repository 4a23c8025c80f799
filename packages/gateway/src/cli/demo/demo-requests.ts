import type { WorldSnapshot } from '@qunhub/simulator'
import type { ExampleRequests } from '@qunhub/wire'
import { isSameUserId } from '../../model/user-id.ts'

export interface DemoIds {
  readonly token: string
  readonly tagId: string
  readonly world: WorldSnapshot
}

/** Requests that succeed in the demo's world as it is, by the names of their endpoints; those that need what it lacks are left out. */
export function demoRequests({ token, tagId, world }: DemoIds): ExampleRequests {
  if (world.bots.length === 0) return {}
  const someone = world.rooms.flatMap(room => room.members).find(member => isExternal(world, member.wxid))
  const pages = { token, current: '0', pageSize: '20' }
  const addMember = addMemberRequest(token, world)
  const requests = {
    create: createRequest(token, world),
    addMember,
    exit: exitRequest(token, world, addMember?.roomWxid),
    listByMember: someone && { token, contactWxid: someone.wxid },
  }
  return {
    listByMHTag: { token, mhTagId: tagId, current: '1', pageSize: '20' },
    ...{ roomList: pages, simpleList: pages, contactList: pages },
    ...{ botList: { token }, tagList: { token } },
    ...Object.fromEntries(Object.entries(requests).filter(([, request]) => request !== undefined)),
  }
}

function createRequest(token: string, world: WorldSnapshot) {
  for (const bot of onlineBots(world)) {
    const friends = friendsOf(world, bot.wxid)
    if (friends.length < 2) continue
    const wxids = friends.slice(0, 2).map(friend => friend.wxid)
    return { token, botUserId: bot.userId, wxids, name: '新客户群', greeting: '大家好' }
  }
  return undefined
}

/** A room that still pulls people in, and a friend of the bot who is not in it. */
function addMemberRequest(token: string, world: WorldSnapshot) {
  for (const bot of onlineBots(world)) {
    for (const room of world.rooms.filter(candidate => candidate.external && candidate.members.length < 40)) {
      const inside = new Set(room.members.map(member => member.wxid))
      const friend = friendsOf(world, bot.wxid).find(candidate => !inside.has(candidate.wxid))
      if (inside.has(bot.wxid) && friend)
        return { token, botUserId: bot.userId, contactWxid: friend.wxid, roomWxid: room.wxid }
    }
  }
  return undefined
}

/** A room that the bot may leave: it is not its own, and none that somebody is to be added to. */
function exitRequest(token: string, world: WorldSnapshot, but: string | undefined) {
  for (const bot of onlineBots(world)) {
    const room = world.rooms.find(
      ({ wxid, ownerId, members }) =>
        wxid !== but && ownerId !== bot.wxid && members.some(member => member.wxid === bot.wxid),
    )
    if (room) return { token, wecomUserId: bot.userId, roomWxid: room.wxid }
  }
  return undefined
}

// A userId that two bots share would be refused; what is shown must work.
const onlineBots = (world: WorldSnapshot) =>
  world.bots.filter(
    bot =>
      bot.state === 'online' &&
      bot.kind === 'wecom' &&
      world.bots.filter(other => isSameUserId(other.userId, bot.userId)).length === 1,
  )

const friendsOf = (world: WorldSnapshot, botWxid: string) =>
  world.contacts.filter(contact => contact.friendOf.includes(botWxid))

const isExternal = (world: WorldSnapshot, wxid: string): boolean =>
  world.contacts.some(contact => contact.wxid === wxid)
