const REFUSAL_TEXTS = {
  'already-member': '对方已在群聊中 (already a member of the room)',
  'external-in-internal-room': '内部群只能有同事 (an internal room holds coworkers only)',
  'id-taken': '该 id 已被使用 (this id is already in use)',
  'invitation-settled': '该群邀请已处理 (the invitation was already accepted or declined)',
  'not-awaiting-scan': '账号没有在等待扫码 (the account awaits no scan)',
  'not-friend': '不是好友或同事,无法操作 (neither a friend nor a coworker of the bot)',
  'not-in-room': '不在群聊中 (not a member of the room)',
  'not-invited': '该群邀请不是发给此账号的 (the invitation was sent to somebody else)',
  'not-logged-in': '未登录 (the account is not logged in)',
  'nothing-to-verify': '没有在等待验证 (no verification is wanted)',
  'not-owner': '不是群主,无权操作 (only the owner may do this)',
  'owner-cannot-leave': '群主不能退出群聊,请先转让群主 (the owner cannot leave the room)',
  'qrcode-stale': '二维码已失效 (this is not the code that is shown now)',
  'room-full': '群人数达到上限(500) (the room is full)',
  'too-few-members': '至少需要两名其他成员才能建群 (a room needs at least two others)',
  'user-id-taken': '该企业已有此 userId (the corp already has this userId)',
} as const

export type RefusalReason = keyof typeof REFUSAL_TEXTS

/** WeCom said no: a platform rule stands against it. Nothing has happened. */
export class WeComRefused extends Error {
  override readonly name = 'WeComRefused'
  readonly reason: RefusalReason

  constructor(reason: RefusalReason, detail?: string) {
    super(detail === undefined ? REFUSAL_TEXTS[reason] : `${REFUSAL_TEXTS[reason]}: ${detail}`)
    this.reason = reason
  }
}

export type NamedThing = 'bot' | 'contact' | 'corp' | 'invitation' | 'member' | 'message' | 'room' | 'scene'

const THING_TEXTS: Record<NamedThing, string> = {
  bot: '托管账号不存在 (no such bot)',
  contact: '联系人不存在 (no such contact)',
  corp: '企业不存在 (no such corp)',
  invitation: '群邀请不存在 (no such invitation)',
  member: '群成员不存在 (no such member)',
  message: '消息不存在 (no such message)',
  room: '群聊不存在 (no such room)',
  scene: '场景不存在 (no such scene)',
}

/** Somebody named a thing that this world, or this bot's view of it, does not have. */
export class UnknownId extends Error {
  override readonly name = 'UnknownId'
  readonly thing: NamedThing
  readonly id: string

  constructor(thing: NamedThing, id: string) {
    super(`${THING_TEXTS[thing]}: ${id}`)
    this.thing = thing
    this.id = id
  }
}
