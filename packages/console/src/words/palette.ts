import { both } from './both.ts'

export const paletteWords = both(
  {
    title: '查找',
    hint: '页面、群名、任意 id：机器人、群、联系人、回调、webhook-id、请求 id',
    results: '找到的',
    none: '没有找到。id 要完整，群名和名字可以是一部分。',
    moreRooms: (text: string) => `在群里接着找“${text}”`,
    moreRoomsWhy: '可能还有别的群',
    kinds: {
      page: '页面',
      bot: '机器人',
      room: '群',
      contact: '联系人',
      callback: '回调',
      request: '请求',
      tag: '标签',
      token: '令牌',
    },
  },
  {
    title: 'Find',
    hint: 'a page, a topic, any id: bot, room, contact, callback, webhook-id, request id',
    results: 'Found',
    none: 'Nothing was found. An id has to be whole; of a topic or a name a part will do.',
    moreRooms: (text: string) => `Look on for “${text}” among the rooms`,
    moreRoomsWhy: 'there may be more',
    kinds: {
      page: 'page',
      bot: 'bot',
      room: 'room',
      contact: 'contact',
      callback: 'callback',
      request: 'request',
      tag: 'tag',
      token: 'token',
    },
  },
)
