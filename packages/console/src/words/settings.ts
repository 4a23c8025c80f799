import { both } from './both.ts'

/** The words of the page of settings. */
export const settingsWords = both(
  {
    switches: '工作区开关',
    words: {
      showWecomChatId: '列表返回 wecomChatId（RW-4）',
      paceAdditions: '拉人超过每分钟 50 次时排队（AM-23）',
      verifyAdditions: '拉人后确认成员已在群内才答 0（AM-25）',
      joinedOnAnyMember: '任何成员入群都回调 chatroom/joined（CB-3）',
    },
    kinds: '回调种类的开关在“回调地址”页。',
    workspaces: '工作区',
    alert: '告警',
    alertWhy: '机器人需要人处理时，发到群机器人。',
    testAlert: '试发一条',
    alertTaken: '已送达',
    createdAt: '建立',
  },
  {
    switches: 'Switches of the workspace',
    words: {
      showWecomChatId: 'rows carry wecomChatId (RW-4)',
      paceAdditions: 'additions beyond 50 a minute wait their turn (AM-23)',
      verifyAdditions: 'a pull is answered 0 only when the member was seen in the room (AM-25)',
      joinedOnAnyMember: 'chatroom/joined whoever joins (CB-3)',
    },
    kinds: 'Kinds of callbacks are switched on the page “Callback base”.',
    workspaces: 'Workspaces',
    alert: 'Alerts',
    alertWhy: 'Where a bot needs somebody, a group robot says so.',
    testAlert: 'Send one to try it',
    alertTaken: 'Taken',
    createdAt: 'Added',
  },
)
