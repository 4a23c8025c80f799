import { puppet } from '@juzi/wechaty-grpc'
import { UnknownId } from '../world/refused.ts'
import { hears, say } from '../world/say.ts'
import { messagePayload } from './payloads.ts'
import { whenLoggedIn } from './puppet-call.ts'

/** The calls about what is said. Only texts are. */
export const messageCalls = {
  messageSendText: whenLoggedIn((request: puppet.MessageSendTextRequest, { world, bot }) => {
    const conversationId = request.getConversationId()
    // A conversation is a room the bot is in, or a person.
    if (!world.knows(conversationId)) world.roomSeenBy(bot, conversationId)
    const message = say(world, bot.wxid, conversationId, request.getText())

    const response = new puppet.MessageSendTextResponse()
    response.setId(message.id)
    return response
  }),

  messagePayload: whenLoggedIn((request: puppet.MessagePayloadRequest, { world, bot }) => {
    const message = world.messages.findLast(({ id }) => id === request.getId())
    if (!message || !hears(world, bot.wxid, message)) throw new UnknownId('message', request.getId())
    return messagePayload(world, message)
  }),
}
