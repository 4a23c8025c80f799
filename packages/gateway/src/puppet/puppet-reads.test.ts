import type { ContactWxid, RoomWxid } from '@qunhub/wire'
import { expect, test } from 'vitest'
import { Forgetting } from './forgetting.ts'
import type { Presence } from './login/logins-deps.ts'
import type { PuppetClient } from './puppet-client.ts'
import { PuppetReads } from './puppet-reads.ts'

const ROOM = 'R:1' as RoomWxid
const LIN = '7881300000000001' as ContactWxid

/** A puppet that is asked to forget, and answers nothing else. */
function stage() {
  const asked: string[] = []
  const forgetting = new Forgetting()
  const client = {
    async dirtyPayload(_type: number, wxid: string) {
      asked.push(wxid)
    },
  } as unknown as PuppetClient
  const reads = new PuppetReads(() => ({ client, forgetting, account: {} }) as unknown as Presence)
  const read = (what: Promise<unknown>) =>
    what.then(
      () => {},
      () => {},
    )
  return { asked, forgetting, reads, read }
}

test('BOT-255 what the puppet has forgotten by itself it is not asked to forget', async () => {
  const { asked, forgetting, reads, read } = stage()
  expect(forgetting.isNews({ what: 'contact', wxid: LIN })).toBe(true)
  await read(reads.contact(LIN, { fresh: true }))
  expect(asked).toEqual([])
  await read(reads.contact(LIN, { fresh: true }))
  expect(asked).toEqual([LIN])
})

test('BOT-255 once somebody has read a room as the puppet has it in mind, a fresh reading asks it to forget', async () => {
  const { asked, forgetting, reads, read } = stage()
  for (const what of ['room', 'members'] as const) forgetting.isNews({ what, wxid: ROOM })
  await read(reads.room(ROOM, {}))
  await read(reads.room(ROOM, { fresh: true }))
  expect(asked).toEqual([ROOM, ROOM])
})
