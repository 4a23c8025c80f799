import { z } from 'zod'
import { BotId, RoomWxid } from '../../model/ids.ts'
import { botChoice, botRefusals } from '../bots/bot.ts'
import { workspaceRefusals } from '../door/verb.ts'

/** What is asked of a bot about a room that it is in, and answered with the same two. */
export const roomOfBot = {
  input: z.object({
    ...botChoice,
    room: RoomWxid.meta({ description: '群的 wxid, R:… / wxid of the room' }),
  }),
  output: z.object({ id: BotId, room: RoomWxid }),
  refusals: { ...workspaceRefusals, ...botRefusals },
} as const
