/** What each refusal of the API means, how to check it, and what to do next: for documents, and for `qunhub explain`. */
import type { BothLanguages } from './complaint.ts'
import type { endpoints } from './contract.ts'
import type { Endpoint, RefusalOf } from './model/endpoint.ts'

/** Whatever its number is. Where a word covers more at one endpoint than at another, its help says so. */
export type RefusalWord = WordsOf<(typeof endpoints)[number]>
type WordsOf<E extends Endpoint> = E extends Endpoint ? RefusalOf<E> : never

export interface RefusalHelp {
  readonly means: BothLanguages
  readonly check: BothLanguages
  readonly next: BothLanguages
}

export const refusalHelp: Readonly<Record<RefusalWord, RefusalHelp>> = {
  'token-invalid': {
    means: {
      chinese: 'token 没有填、填错、已吊销, 或属于别的用途 (管理 token 打不开群聊接口)。',
      english:
        'The token is missing, wrong, revoked, or of another realm (a management token does not open this API).',
    },
    check: {
      chinese: 'qunhub token list 查看有哪些 token 以及是否已吊销; token 本身只在签发时显示一次。',
      english:
        'qunhub token list shows which there are and which were revoked; a token itself is shown once, when it is issued.',
    },
    next: {
      chinese: '用 qunhub token issue 签发新的 token, 换上之后吊销旧的。',
      english: 'Issue a new one with qunhub token issue, use it, and then revoke the old one.',
    },
  },
  'bot-unknown': {
    means: {
      chinese: '这个 token 所在的工作区里, 没有 userId 是它的托管账号。',
      english: 'The workspace of this token hosts no account of this userId.',
    },
    check: {
      chinese: 'GET /bot/list 或 qunhub bot list; userId 不区分大小写, 首尾的空格算在内。',
      english: 'GET /bot/list, or qunhub bot list; the case of letters does not matter, spaces around it do.',
    },
    next: {
      chinese: '改用列表里的 wecomUserId; 账号还没有托管时, 用 qunhub bot add 添加。',
      english:
        'Use a wecomUserId of that list; an account that is not hosted yet is added with qunhub bot add.',
    },
  },
  'bot-ambiguous': {
    means: {
      chinese: '工作区里有多个托管账号用同一个 userId, 通常来自不同企业。',
      english: 'Several hosted accounts of the workspace have this userId, mostly of different corps.',
    },
    check: {
      chinese: 'qunhub bot list 里同名的各行。',
      english: 'The lines of that name in qunhub bot list.',
    },
    next: {
      chinese: '把它们分到不同的工作区, 各用各的 token。',
      english: 'Put them into workspaces of their own, each with its own token.',
    },
  },
  'not-wecom': {
    means: {
      chinese: '这个账号是个人微信, 不是企业微信。',
      english: 'The account is one of personal WeChat, not of WeCom.',
    },
    check: { chinese: 'qunhub bot show 的账号类型。', english: 'The kind of account in qunhub bot show.' },
    next: { chinese: '换一个企业微信账号。', english: 'Use an account of WeCom.' },
  },
  'bot-offline': {
    means: {
      chinese:
        '账号此刻不在线: puppet 断开、没有心跳, 或账号正在换节点; 对 addMember 与 create 也包括从未登录、已退出、等待扫码。',
      english:
        'The account is not online at this moment: its puppet is away or silent, or it is changing its node; at addMember and create also: it never logged in, was logged out, or waits for a scan.',
    },
    check: {
      chinese: 'qunhub bot show: 状态、原因、从什么时候起。',
      english: 'qunhub bot show: its state, why, and since when.',
    },
    next: {
      chinese: '网关会一直重连; 几秒后重试。长时间不在线时按原因处理: 地址、token、扫码。',
      english:
        'The gateway keeps trying; ask again in some seconds. Where it lasts, see to the reason: endpoint, token, a scan.',
    },
  },
  'bot-not-logged-in': {
    means: {
      chinese: '账号从未登录、已退出, 或在等待扫码。',
      english: 'The account never logged in, was logged out, or waits for a scan.',
    },
    check: { chinese: 'qunhub bot show 的状态。', english: 'Its state in qunhub bot show.' },
    next: {
      chinese: 'qunhub bot login 取二维码, 由持有手机的人扫码。',
      english: 'qunhub bot login shows the code; who holds the phone scans it.',
    },
  },
  'room-load-failed': {
    means: {
      chinese: 'puppet 此刻加载不出这个群; 对 addMember 也包括工作区里没有账号认识它。',
      english:
        'The puppet cannot load the room now; at addMember also: no account of the workspace knows it.',
    },
    check: {
      chinese:
        'GET /room/simpleList?wxid=… 看群是否已知; roomWxid 是 R: 开头的 wxid, 不是 wecomChatId (wr…)。',
      english:
        'GET /room/simpleList?wxid=… tells whether it is known; roomWxid is the wxid (R:…), not the wecomChatId (wr…).',
    },
    next: {
      chinese: '群是对的就稍后重试; 一直如此时用 qunhub bot sync 重新同步。',
      english:
        'Where the room is right, try again later; where it stays so, qunhub bot sync reads everything anew.',
    },
  },
  'room-unknown': {
    means: {
      chinese: '工作区里没有账号认识这个群。',
      english: 'No account of the workspace knows the room.',
    },
    check: { chinese: 'GET /room/simpleList?wxid=…', english: 'GET /room/simpleList?wxid=…' },
    next: { chinese: '改用列表里的 wxid。', english: 'Use a wxid of that list.' },
  },
  'bot-not-in-room': {
    means: {
      chinese: '群是已知的, 但这个账号不在群里 (从未加入, 或已退出)。',
      english: 'The room is known, and this account is not in it (never was, or has left).',
    },
    check: {
      chinese: 'GET /room/list?wxid=… 的 botInfo 说明哪些账号在群里。',
      english: 'botInfo in GET /room/list?wxid=… tells which accounts are.',
    },
    next: { chinese: '换一个在群里的账号。', english: 'Ask through an account that is in it.' },
  },
  'room-internal': {
    means: {
      chinese: '内部群 (external 为 false) 不能拉外部联系人。',
      english: 'An internal room (external: false) takes no customers.',
    },
    check: { chinese: '该群行的 external。', english: 'external in the row of the room.' },
    next: { chinese: '换一个外部群。', english: 'Use an external room.' },
  },
  'already-member': {
    means: { chinese: '联系人已经在群里。', english: 'The contact is in the room already.' },
    check: {
      chinese: 'GET /room/listByMember?contactWxid=…',
      english: 'GET /room/listByMember?contactWxid=…',
    },
    next: {
      chinese: '不用再做什么; 多数程序把它当作成功。',
      english: 'Nothing: most programs take it for a success.',
    },
  },
  'not-friend': {
    means: {
      chinese: '联系人既不是账号的好友, 也不是同事; 或账号不认识这个 id。',
      english:
        'The contact is neither a friend nor a coworker of the account, or the account knows nobody by this id.',
    },
    check: {
      chinese: 'GET /contact/list?wxid=… 是否有这个账号的一行。',
      english: 'Whether GET /contact/list?wxid=… has a row of this account.',
    },
    next: {
      chinese: '先加好友; 刚加的好友等账号同步后再试。',
      english: 'Become friends first; a new friend is known once the account has seen him.',
    },
  },
  'room-full': {
    means: { chinese: '群里已有 500 人。', english: 'The room has 500 members.' },
    check: { chinese: '该群行的 memberCount。', english: 'memberCount in the row of the room.' },
    next: { chinese: '换一个群, 或先移出成员。', english: 'Use another room, or remove somebody first.' },
  },
  'add-failed': {
    means: {
      chinese: 'puppet 拒绝或超时, 事后查看也没有在群里看到此人; 或排队过久。',
      english:
        'The puppet refused or took too long, and the contact was not seen in the room afterwards; or the wait for a permit was too long.',
    },
    check: {
      chinese: 'GET /room/listByMember 看是否其实已进群; 日志里的 requestId 有 puppet 的原话。',
      english:
        'GET /room/listByMember tells whether it is a member after all; the log has what the puppet said, under the request id.',
    },
    next: {
      chinese: '重试是安全的: 已在群里时答 -9。一分钟内拉人过多会被企业微信限制, 请放慢。',
      english:
        'Trying again is safe: who is in already is answered -9. WeCom slows down whoever adds too many in a minute.',
    },
  },
  'coworker-unknown': {
    means: {
      chinese: 'userIds 里有一个不是账号的同事。',
      english: 'One of userIds is no coworker of the account.',
    },
    check: {
      chinese: '错误信息里是哪一个; GET /contact/list 里同事的 weixin。',
      english: 'The message names it; coworkers have their userId in weixin of GET /contact/list.',
    },
    next: {
      chinese: '去掉或改正它: 一个 id 不对就不会建群。',
      english: 'Leave it out or mend it: with one wrong id no room is made.',
    },
  },
  'contact-unknown': {
    means: {
      chinese: 'wxids 或 unionIds 里有一个是账号不认识的联系人。',
      english: 'One of wxids or unionIds is nobody whom the account knows.',
    },
    check: {
      chinese: '错误信息里是哪一个; GET /contact/list?wxid=…',
      english: 'The message names it; GET /contact/list?wxid=…',
    },
    next: {
      chinese: '去掉或改正它; 没有 unionId 的联系人可以用 qunhub contact import 导入。',
      english:
        'Leave it out or mend it; unionIds that are missing can be imported with qunhub contact import.',
    },
  },
  'contact-load-failed': {
    means: {
      chinese: '联系人是已知的, 但 puppet 此刻加载不出, 或今天已不是好友、同事。',
      english:
        'The contact is known, and the puppet cannot load it now, or it is neither friend nor coworker today.',
    },
    check: { chinese: 'GET /contact/list?wxid=…', english: 'GET /contact/list?wxid=…' },
    next: {
      chinese: '稍后重试; 已不是好友时先加好友。',
      english: 'Try again later; who is no friend any more has to become one first.',
    },
  },
  'invitees-too-few': {
    means: {
      chinese: 'unionIds 与 wxids 合起来 (同一人算一次) 不足 2 人; userIds 不计入。',
      english: 'unionIds and wxids together, each person once, are fewer than 2; userIds do not count.',
    },
    check: { chinese: '错误信息里的人数。', english: 'The number in the message.' },
    next: { chinese: '至少给出 2 位联系人。', english: 'Name two contacts at least.' },
  },
  'invitees-too-many': {
    means: {
      chinese: 'unionIds 与 wxids 合起来超过 40 人。',
      english: 'unionIds and wxids together are more than 40.',
    },
    check: { chinese: '错误信息里的人数。', english: 'The number in the message.' },
    next: {
      chinese: '先用 40 人建群, 其余用 addMember 添加。',
      english: 'Create the room with 40 and add the others with addMember.',
    },
  },
  'create-failed': {
    means: {
      chinese: 'puppet 拒绝或超时, 事后也没有找到新群。',
      english: 'The puppet refused or took too long, and no new room was found afterwards.',
    },
    check: {
      chinese: 'GET /room/list 最后一页是否有新群; 日志里有 puppet 的原话。',
      english: 'Whether the last page of GET /room/list has it; the log has what the puppet said.',
    },
    next: {
      chinese: '带上 Idempotency-Key 重试: 同一个键只会建一个群。',
      english: 'Try again with an Idempotency-Key: one key makes one room.',
    },
  },
  'bot-owns-room': {
    means: {
      chinese: '账号是群主, 企业微信不让群主这样退群。',
      english: 'The account owns the room, and WeCom does not let an owner leave like this.',
    },
    check: { chinese: '该群行的 ownerId。', english: 'ownerId in the row of the room.' },
    next: {
      chinese: '在手机上转让或解散后退群。',
      english: 'Hand the room over, or dissolve it, on the phone.',
    },
  },
  'exit-failed': {
    means: {
      chinese: '退群之后, 账号仍在群的名单里。',
      english: 'The account is still on the list of the room afterwards.',
    },
    check: { chinese: 'GET /room/list?wxid=…', english: 'GET /room/list?wxid=…' },
    next: {
      chinese: '稍后重试; 一直如此时请在手机上退群。',
      english: 'Try again later; where it stays so, leave on the phone.',
    },
  },
}
