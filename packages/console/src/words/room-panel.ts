import { both } from './both.ts'

/** What is done about a room. */
export const roomPanelWords = both(
  {
    exit: '退出群…',
    exitWhy: (bot: string) =>
      `${bot} 会离开这个群，群离开它的列表；要回来得有人再拉它。标签留着，回来时还在。`,
    sync: '同步这个群',
    synced: '已同步',
    addTag: '+ 标签',
    takeOff: (name: string) => `去掉标签 ${name}`,
    noTags: '没有标签',
    row: '接口返回的这一行',
    rowWhy: '与 /room/list 的那一行一字不差；curl 里的 your-token 换成你们的令牌。',
    copyJson: '复制 JSON',
  },
  {
    exit: 'Leave the room…',
    exitWhy: bot =>
      `${bot} leaves this room, and the room leaves its lists; only somebody who pulls it in brings it back. Tags are kept for a return.`,
    sync: 'Sync this room',
    synced: 'Synced',
    addTag: '+ tag',
    takeOff: name => `Take off ${name}`,
    noTags: 'No tags',
    row: 'The row as the API gives it',
    rowWhy:
      'To the letter as a row of /room/list; in the curl line put your token in the place of your-token.',
    copyJson: 'Copy JSON',
  },
)
