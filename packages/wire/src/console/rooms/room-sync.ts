import { verb } from '../door/verb.ts'
import { roomOfBot } from './room-of-bot.ts'

export const roomSyncVerbs = {
  'sync-room': verb({
    summary: '同步一个群: 重新读它, 有变化才回调 / Sync one room: read it again, and owe what changed',
    runsAt: 'its-node',
    withoutNode: { unheard: 'bot-offline', nowhere: 'bot-offline' },
    role: 'operator',
    byToken: false,
    command: 'room sync <bot> <room>',
    examples: [['重新读一个群 / read one room again', 'qunhub room sync xiaobei R:10865283719405526']],
    input: roomOfBot.input,
    output: roomOfBot.output,
    refusals: {
      ...roomOfBot.refusals,
      'gateway-not-running':
        '同步需要连着机器人的网关, 而它没有运行: 先运行 qunhub serve / a sync needs the gateway that holds the bot, and none runs; first run: qunhub serve',
      'bot-offline':
        '机器人不在线, 上线后会自动同步 / the bot is not online; it syncs by itself when it comes online',
      'room-unknown': '机器人没有这个群 / the bot has no such room',
      'sync-failed':
        '没有读完, 群仍是原来的样子, 请看网关日志后重试 / it was not read; the room stays as it was; see the log of the gateway and try again',
    },
  }),
} as const
