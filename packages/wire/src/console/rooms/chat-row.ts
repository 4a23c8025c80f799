import { z } from 'zod'
import { RoomRow } from '../../model/room.ts'
import { anyId, verb, workspaceChoice, workspaceRefusals } from '../door/verb.ts'

export const chatRowVerbs = {
  'show-chat': verb({
    summary: '一个群, 与 /room/list 的那一行一字不差 / One chat, to the letter as it is a row of /room/list',
    role: 'viewer',
    byToken: false,
    command: 'room show <chat>',
    examples: [['这个群的所有字段 / all fields of a chat', 'qunhub room show 5dbe8287184b7cb41f52674f']],
    input: z.object({
      ...workspaceChoice,
      chat: anyId().meta({ description: 'chatId 或群名 / chatId or topic' }),
    }),
    output: z.object({ row: RoomRow }),
    refusals: {
      ...workspaceRefusals,
      'chat-unknown':
        '该工作区没有这个群, 用 qunhub room list 查看 / the workspace has no such chat; see: qunhub room list',
      'chat-ambiguous': '多个群同名, 请用 chatId / several chats have this topic; give the chatId',
    },
  }),
} as const
