/**
 * The limit of P8: reads of a bot's puppet what a first sync reads, and drops it. Asked to `read`, each room with all who are in it;
 * asked for it `once`, whoever is in many rooms once, as a sync does (BOT-283).
 */
import { ContactWxid, RoomWxid, UserId } from '@qunhub/wire'
import { inParallel } from '../packages/gateway/src/puppet/bounded-parallel.ts'
import { openPuppetClient } from '../packages/gateway/src/puppet/puppet-client.ts'
import { readContacts } from '../packages/gateway/src/puppet/read-contact.ts'
import { ReadOnce } from '../packages/gateway/src/puppet/read-once.ts'
import { readRoom } from '../packages/gateway/src/puppet/read-room.ts'

const { endpoint, bots } = JSON.parse(process.argv[2]!) as {
  endpoint: string
  bots: { wxid: string; token: string }[]
}
/** As a sync does. */
const ROOMS_AT_ONCE = 4
const DEADLINE_MS = 60_000

process.on('message', async asked => {
  const [bot] = bots
  const client = openPuppetClient({ endpoint, token: bot!.token, tls: false }, { deadlineMs: DEADLINE_MS })
  const self = {
    wxid: ContactWxid.parse(bot!.wxid),
    userId: UserId.parse('xiaobei'),
    nickName: '',
    avatarUrl: '',
    kind: 'wecom',
  } as const
  const stream = client.events({ seq: 0, accountId: '' })
  await new Promise<void>(resolve => void stream.once('data', () => resolve()))
  stream.on('error', () => {})
  const { user, system } = process.cpuUsage()
  const beganAt = performance.now()
  await readContacts(client, self, await client.contactList())
  const once = new ReadOnce()
  const read = (ids: readonly ContactWxid[]) => readContacts(client, self, ids)
  const readMembers = asked === 'once' ? (ids: readonly ContactWxid[]) => once.contacts(ids, read) : read
  let rooms = 0
  for await (const room of inParallel(await client.roomList(), ROOMS_AT_ONCE, id =>
    readRoom(client, self, RoomWxid.parse(id), { readMembers }),
  ))
    if (room) rooms++
  const ms = performance.now() - beganAt
  const spent = process.cpuUsage()
  stream.cancel()
  client.close()
  process.send?.({ ms, rooms, cpuUs: spent.user + spent.system - user - system })
})
process.once('disconnect', () => process.exit())
process.once('SIGTERM', () => process.exit(0))
process.send?.('open')
