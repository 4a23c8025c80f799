/** The limit of P7: the calls of a puppet that one addition takes, side by side where the product asks so, and nothing done with them. */
import { puppet } from '@juzi/wechaty-grpc'
import { openPuppetClient } from '../packages/gateway/src/puppet/puppet-client.ts'
import type { Addition } from './additions.ts'
import { usage } from './usage.ts'

const { endpoint, bots } = JSON.parse(process.argv[2]!) as { endpoint: string; bots: { token: string }[] }
const DEADLINE_MS = 8000
const { PAYLOAD_TYPE_ROOM, PAYLOAD_TYPE_ROOM_MEMBER, PAYLOAD_TYPE_CONTACT } = puppet.PayloadType

const client = openPuppetClient({ endpoint, token: bots[0]!.token, tls: false }, { deadlineMs: DEADLINE_MS })
const stream = client.events({ seq: 0, accountId: '' })
stream.on('error', () => {})
// What the puppet tells is read, and dropped.
await new Promise<void>(resolve => void stream.on('data', () => resolve()))

process.on('message', async asked => {
  if (asked === 'usage') return process.send?.(usage())
  const { room, contact, members } = asked as Addition
  const beganAt = performance.now()
  await Promise.all([look(room, members), friendship(contact)])
  await client.roomAdd(room, contact, false)
  const ids = await look(room, [...members, contact])
  const ms = performance.now() - beganAt
  if (!ids.includes(contact)) throw new Error('the contact is not inside')
  process.send?.({ ms })
})
process.once('disconnect', () => process.exit())
process.once('SIGTERM', () => process.exit(0))
process.send?.('open')

async function friendship(contact: string): Promise<void> {
  await client.dirtyPayload(PAYLOAD_TYPE_CONTACT, contact)
  await client.contactPayload(contact)
}

async function look(room: string, members: readonly string[]): Promise<string[]> {
  await Promise.all([
    client.dirtyPayload(PAYLOAD_TYPE_ROOM, room),
    client.dirtyPayload(PAYLOAD_TYPE_ROOM_MEMBER, room),
  ])
  const [, ids] = await Promise.all([
    client.roomPayload(room),
    client.roomMemberList(room),
    client.batchRoomMemberPayload(room, members),
    client.batchContactPayload(members),
  ])
  return ids
}
