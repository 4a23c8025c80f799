import { done, refuse } from '../../model/result.ts'
import { PuppetUnavailable } from '../../puppet/puppet-failures.ts'
import { FenceLost } from '../../store/database/store-error.ts'
import type { Verbs } from '../verb.ts'

export const roomExitVerbs = {
  /** As a customer's `/room/exit`: done when the bot was seen outside. */
  'exit-room': async ({ room }, { live, bot, hosted }) => {
    try {
      const left = await live.exitRoom(hosted, room)
      if (left.ok) return done({ id: bot.id, room })
      const { refused } = left
      // It was chosen already, and whatever the number on the wire: it is not online.
      if (refused === 'bot-unknown' || refused === 'bot-ambiguous' || refused === 'bot-not-logged-in')
        return refuse('bot-offline')
      return refuse(refused === 'token-invalid' ? 'exit-failed' : refused)
    } catch (failure) {
      // It leaves this node, or in the middle of it became another node's.
      if (failure instanceof FenceLost || failure instanceof PuppetUnavailable) return refuse('bot-offline')
      throw failure
    }
  },
} satisfies Verbs
