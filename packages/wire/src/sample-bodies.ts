/** Bodies of callbacks as a gateway sends them, made for a receiver that knows none of the rooms, and for who wants to see one. */
import { type CallbackKind, callbacks } from './contract.ts'

export interface SampleFacts {
  readonly topic?: string
  readonly nickName?: string
  readonly members?: number
  readonly at: number
}

/** Ids that no bot will ever have. */
const CHAT_ID = '00000000000000000000c0f0'
const GROUP_ID = '00000000000000000000c0f1'
const ROOM_WXID = 'R:0000000000000000'
const BOT_WXID = '1688000000000000'
const USER_ID = 'conform'
/** WeCom's addresses of pictures are long; with them a full room has about 150 KB. */
const AVATAR_CHARACTERS = 112

/** One of a kind, held against what the contract says of it: a contract that goes on takes this along, or does not pass. */
export function sampleBody(kind: CallbackKind, facts: SampleFacts): unknown {
  return callbacks.find(callback => callback.kind === kind)!.body.parse(draft(kind, facts))
}

function draft(kind: CallbackKind, facts: SampleFacts): object {
  switch (kind) {
    case 'chatroom/joined':
    case 'chatroom/loaded':
      return chatroom(facts)
    case 'room/joined':
      return roomEvent(facts, { joinedMembers: people(facts).map(asEventMember) })
    case 'room/left':
      return roomEvent(facts, { leftMembers: people(facts).map(asEventMember) })
    case 'room/topic':
      return roomEvent(facts, {})
    default:
      return kind satisfies never
  }
}

const chatroom = (facts: SampleFacts): object => ({
  chatId: CHAT_ID,
  botInfo: { wxid: BOT_WXID, weixin: USER_ID, nickName: '小北' },
  wxid: ROOM_WXID,
  topic: topicOf(facts),
  avatarUrl: 'https://wework.qpic.cn/wwpic/room/0',
  ownerId: BOT_WXID,
  members: people(facts),
  group: GROUP_ID,
  syncedTime: facts.at,
})

const roomEvent = (facts: SampleFacts, members: object): object => ({
  chatId: CHAT_ID,
  botInfo: { imBotId: BOT_WXID, wecomUserId: USER_ID, nickName: '小北' },
  imRoomId: ROOM_WXID,
  topic: topicOf(facts),
  avatarUrl: 'https://wework.qpic.cn/wwpic/room/0',
  ownerImContactId: BOT_WXID,
  ...members,
  groupId: GROUP_ID,
  timestamp: String(facts.at),
})

const topicOf = ({ topic = '一致性检查 qunhub conform' }: SampleFacts): string => topic

/** The bot, and as many others as there are to be. */
const people = ({ members = 2, nickName = '张三' }: SampleFacts) =>
  Array.from({ length: members }, (_, n) => ({
    wxid: n === 0 ? BOT_WXID : `78813${String(n).padStart(11, '0')}`,
    nickName: n === 0 ? '小北' : `${nickName}${n}`,
    avatarUrl: `https://wework.qpic.cn/wwpic/${'0'.repeat(AVATAR_CHARACTERS)}/${n}`,
    roomAlias: n % 2 === 0 ? null : `客户 ${n}`,
    isFriend: n > 0,
    contactType: n === 0 ? 3 : 1,
    coworker: false,
  }))

const asEventMember = ({ wxid, ...facts }: ReturnType<typeof people>[number]): object => ({
  imContactId: wxid,
  ...facts,
  isSelf: wxid === BOT_WXID,
})
