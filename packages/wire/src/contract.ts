import { joined } from './chatroom/joined.ts'
import { loaded } from './chatroom/loaded.ts'
import { addMember } from './room/add-member.ts'
import { create } from './room/create.ts'
import { exit } from './room/exit.ts'
import { listByMember } from './room/list-by-member.ts'
import { listByMHTag } from './room/list-by-mh-tag.ts'
import { roomJoined } from './room-events/joined.ts'
import { roomLeft } from './room-events/left.ts'
import { roomTopic } from './room-events/topic.ts'

/**
 * The page: five endpoints and two callbacks; behind them the newer callbacks, which a workspace has to switch on (NB-6).
 * Whatever is derived from the contract walks these two lists.
 */
export const endpoints = [addMember, create, exit, listByMHTag, listByMember] as const
export const callbacks = [joined, loaded, roomJoined, roomLeft, roomTopic] as const
export type CallbackKind = (typeof callbacks)[number]['kind']
