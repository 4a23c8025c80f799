import { botList } from './bot/list.ts'
import { joined } from './chatroom/joined.ts'
import { loaded } from './chatroom/loaded.ts'
import { contactList } from './contact/list.ts'
import { addMember } from './room/add-member.ts'
import { create } from './room/create.ts'
import { exit } from './room/exit.ts'
import { roomList } from './room/list.ts'
import { listByMember } from './room/list-by-member.ts'
import { listByMHTag } from './room/list-by-mh-tag.ts'
import { simpleList } from './room/simple-list.ts'
import { roomJoined } from './room-events/joined.ts'
import { roomLeft } from './room-events/left.ts'
import { roomTopic } from './room-events/topic.ts'
import { tagList } from './tag/list.ts'

/**
 * The page: five endpoints and two callbacks; behind them the newer callbacks, which a workspace has to switch on (NB-6), and
 * the neighbours of the page, by which ids are found (NB-1…NB-5). Whatever is derived from the contract walks these lists.
 */
export const pageEndpoints = [addMember, create, exit, listByMHTag, listByMember] as const
export const neighbours = [roomList, simpleList, botList, contactList, tagList] as const
export const endpoints = [...pageEndpoints, ...neighbours] as const
export const callbacks = [joined, loaded, roomJoined, roomLeft, roomTopic] as const
export type CallbackKind = (typeof callbacks)[number]['kind']
