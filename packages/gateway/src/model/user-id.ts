import type { UserId } from '@qunhub/wire'

/**
 * What stands for a userId wherever two are compared: WeCom does not tell `XiaoBei` from `xiaobei`, and directories and
 * callbacks spell them differently. It is shown as the account spells it. Not for externalUserIds (`wm…`) and wxids, whose
 * letters count.
 */
export const userIdKey = (userId: UserId | string): string => userId.toLowerCase()

/** Whether both name the same account of a corp: the one rule for it (BOT-262). */
export const isSameUserId = (one: UserId | string, other: UserId | string): boolean =>
  one === other || userIdKey(one) === userIdKey(other)
