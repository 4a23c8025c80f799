import { both } from './both.ts'

/** The words of the page of contacts. */
export const contactsWords = both(
  {
    name: '名称',
    idHint: 'wxid、userId、externalUserId 或 unionId',
    none: '没有联系人',
    noneWhy: '机器人上线后会读到它认识的人。',
    noneFits: '没有人有这个 id',
    coworker: '同事',
    friend: '好友',
    relation: '关系',
    stranger: '非好友',
    resolve: '向企业微信补 unionId',
    resolved: (asked: number, found: number) => `问了 ${asked} 个，得到 ${found} 个`,
    after: '下一页',
  },
  {
    name: 'Name',
    idHint: 'wxid, userId, externalUserId or unionId',
    none: 'No contacts',
    noneWhy: 'Whom a bot knows is read when it comes online.',
    noneFits: 'Nobody has this id',
    coworker: 'coworker',
    friend: 'friend',
    relation: 'Relation',
    stranger: 'not a friend',
    resolve: 'Ask WeCom for unionIds',
    resolved: (asked, found) => `asked for ${asked}, got ${found}`,
    after: 'Next page',
  },
)
