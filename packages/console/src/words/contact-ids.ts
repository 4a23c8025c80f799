import { both } from './both.ts'

/** Which id goes where. */
export const contactIdsWords = both(
  {
    title: '哪个 id 用在哪里',
    form: '样子',
    fields: '接受它的字段',
    notes: '说明',
    freeText: '任意文字',
    nowhere: '不用于请求',
    of: {
      wxid: '每个人都有；两个企业的机器人看同一个人，可能是两个 wxid',
      externalUserId: '外部联系人在企业微信的 id，与 wxid 同样可用',
      userId: '机器人账号在企业微信的 userId；只用来指机器人',
      unionId: '外部联系人跨应用的 id；与你们的系统对上人，可导入',
    },
  },
  {
    title: 'Which id goes where',
    form: 'How it looks',
    fields: 'Fields that take it',
    notes: 'What it is',
    freeText: 'any text',
    nowhere: 'in no request',
    of: {
      wxid: 'Everybody has one; bots of two corps may know one person under two',
      externalUserId: 'Of an external contact in WeCom; taken wherever the wxid is',
      userId: 'Of a bot’s account in WeCom; it names bots only',
      unionId: 'Of an external contact across apps: tells your systems who it is, and can be imported',
    },
  },
)
