import { both } from './both.ts'

/** What is done about a room. */
export const roomPanelWords = both(
  {
    exit: '退出群…',
    exitWhy: (bot: string) =>
      `${bot} 会离开这个群，群离开它的列表；要回来得有人再拉它。标签留着，回来时还在。`,
    sync: '同步这个机器人的群',
    synced: '已同步',
  },
  {
    exit: 'Leave the room…',
    exitWhy: bot =>
      `${bot} leaves this room, and the room leaves its lists; only somebody who pulls it in brings it back. Tags are kept for a return.`,
    sync: 'Sync the rooms of this bot',
    synced: 'Synced',
  },
)
