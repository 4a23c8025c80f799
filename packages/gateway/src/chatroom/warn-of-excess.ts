import type { RoomWxid } from '@qunhub/wire'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import type { PuppetExcess } from '../puppet/puppet-failures.ts'
import type { Log } from '../system/log.ts'

/** Nothing else is told of it: to the customer the room stays as it was. */
export const warnOfExcess = (
  { log }: { readonly log: Log },
  { bot }: HostedBot,
  room: RoomWxid,
  excess: PuppetExcess,
): void =>
  log.warn(
    { bot: bot.id, workspace: bot.workspaceId, room, failure: excess.name, reason: excess.message },
    'a room has more in it than is read; it stays as it was known',
  )
