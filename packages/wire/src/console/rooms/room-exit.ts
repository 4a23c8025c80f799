import { verb } from '../door/verb.ts'
import { roomOfBot } from './room-of-bot.ts'

export const roomExitVerbs = {
  'exit-room': verb({
    summary:
      '让机器人退出一个群: 群离开它的列表, 标签留待它回来 / Let a bot leave a room: its chat leaves the lists, and its tags are kept for a return',
    runsAt: 'its-node',
    withoutNode: { unheard: 'exit-failed', nowhere: 'bot-offline' },
    role: 'operator',
    byToken: false,
    command: 'room exit <bot> <room>',
    examples: [
      ['脚本里不询问 / do not ask, in a script', 'qunhub room exit xiaobei R:10865283719405526 --yes'],
    ],
    input: roomOfBot.input,
    output: roomOfBot.output,
    refusals: {
      ...roomOfBot.refusals,
      'gateway-not-running':
        '需要连着机器人的网关, 而它没有运行: 先运行 qunhub serve / this needs the gateway that holds the bot, and none runs; first run: qunhub serve',
      'bot-offline': '机器人不在线 / the bot is not online',
      'not-wecom': '不是企业微信账号 / the account is none of WeCom',
      'room-unknown': '没有这个群 / there is no such room',
      'bot-not-in-room': '机器人不在群内 / the bot is not in the room',
      'room-load-failed': '群此刻读不出来, 稍后再试 / the room cannot be read now; try again soon',
      'bot-owns-room':
        '机器人是群主, 退不出去: 请在手机上转让或退出 / the bot owns the room: hand it over or leave it on the phone',
      'exit-failed':
        'puppet 没有让它退出, 或没有说明: 先看它还在不在群里 / the puppet did not let it leave, or does not say: look whether it is still in the room',
    },
  }),
} as const
