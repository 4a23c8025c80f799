import { both } from './both.ts'

/** The words of the page of rooms. */
export const roomsWords = both(
  {
    topic: '群名',
    topicHint: '群名包含…',
    bot: '机器人',
    anyBot: '所有机器人',
    members: '人数',
    none: '还没有群',
    noneWhy: '机器人上线后会同步它的群。',
    noneFits: '没有符合条件的群',
    next: '下一页',
    first: '回到第一页',
    unnamed: '（没有群名）',
    notHere: '地址里的群不在这一页：换个条件找找，或它已离开列表。',
    assign: '打标签…',
    unassign: '去标签…',
    tag: '标签',
    callbacks: '最近的回调',
    allCallbacks: '全部',
  },
  {
    topic: 'Topic',
    topicHint: 'part of the topic',
    bot: 'Bot',
    anyBot: 'All bots',
    members: 'Members',
    none: 'No rooms yet',
    noneWhy: 'A bot’s rooms are read when it comes online.',
    noneFits: 'No room fits',
    next: 'Next page',
    first: 'First page',
    unnamed: '(no topic)',
    notHere:
      'The room of this address is not on this page: look for it by its topic, or it has left the lists.',
    assign: 'Put a tag on…',
    unassign: 'Take a tag off…',
    tag: 'Tag',
    callbacks: 'Last callbacks',
    allCallbacks: 'All',
  },
)
