import type { Chance } from '../chance.ts'
import type { BotKind } from './world-state.ts'

/** Ids in the forms that real accounts show, so that a program under test meets what it will meet. */

const STAFF_PREFIX = '1688'
const EXTERNAL_PREFIX = '788'
const WXID_DIGITS = 16
const ROOM_DIGITS = 17
const TOKEN_NAME_MAX = 32

export const mintStaffWxid = (chance: Chance) =>
  STAFF_PREFIX + chance.digits(WXID_DIGITS - STAFF_PREFIX.length)

export const mintExternalWxid = (chance: Chance) =>
  EXTERNAL_PREFIX + chance.digits(WXID_DIGITS - EXTERNAL_PREFIX.length)

export const mintPersonalWxid = (chance: Chance) => `wxid_${chance.hex(14)}`

// The first digit is fixed because a room id never begins with zero.
export const mintRoomWxid = (chance: Chance, ownerKind: BotKind) =>
  ownerKind === 'wechat' ? `${chance.digits(ROOM_DIGITS)}@chatroom` : `R:1${chance.digits(ROOM_DIGITS - 1)}`

export const mintExternalUserId = (chance: Chance) => `wm${chance.letters(30)}`
export const mintWecomChatId = (chance: Chance) => `wr${chance.letters(30)}`
export const mintUnionId = (chance: Chance) => `o${chance.letters(27)}`
export const mintCorpId = (chance: Chance) => `ww${chance.hex(16)}`
export const mintInvitationId = (chance: Chance) => `invitation-${chance.hex(16)}`
export const mintMessageId = (chance: Chance) => chance.digits(19)

/** The stock client reads everything before the last `_` as a server name, so a token always has one. */
export function mintToken(chance: Chance, userId: string): string {
  const name = userId.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, TOKEN_NAME_MAX)
  return `puppet_${name || 'bot'}_${chance.hex(20)}`
}
