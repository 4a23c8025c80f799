import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { Contact } from '../../model/contact.ts'
import type { Room } from '../../model/room.ts'
import { KeptContacts } from '../rooms/kept-contacts.ts'
import { account, contact, type OpenStore, room, Scene } from './scene.contract.ts'
import { asTold, keptIn, RandomBatches, ROUNDS } from './together.contract.ts'

/** What a look remembers of whom it has saved makes its saves cheaper, and nothing else. */
export function keptContactsContract(open: OpenStore): void {
  describe('rooms of a look that remembers whom it has saved', () => {
    test.each([21, 22, 23])(
      'ST-151 leave the same where a look remembers whom it has saved, and tell the same (seed %i)',
      async seed => {
        const looking = await Scene.open(open)
        const plain = await Scene.in(looking.db, looking.random, account('bei'))
        const batches = new RandomBatches(seed)
        let kept = new KeptContacts()
        const read = new Map<string, Contact>()
        for (let round = 0; round < ROUNDS; round++) {
          if (round % 10 === 9) kept = new KeptContacts()
          for (const seen of batches.next().map(each => readOnce(each, read))) {
            const told = [await looking.save(seen, { kept }), await plain.save(seen)]
            expect(asTold(told[0]!)).toEqual(asTold(told[1]!))
          }
          expect(await keptIn(looking)).toEqual(await keptIn(plain))
        }
      },
    )

    test('ST-151 who was not kept after all is looked up again, and what somebody else has written stays', async () => {
      const scene = await Scene.open(open)
      const kept = new KeptContacts()
      const [lin, mei] = [contact('lin', { unionId: null }), contact('mei')]
      const seen = (name: string) => {
        const one = room(name, ['lin', 'mei'])
        return { ...one, members: one.members.map((member, n) => ({ ...member, contact: [lin, mei][n]! })) }
      }
      const owe = () => {
        throw new RangeError('no body')
      }
      await expect(scene.save(seen('街'), { kept, owe })).rejects.toThrow('no body')
      await scene.save(seen('巷'), { kept })
      expect((await scene.rowsOf('contact')).map(({ wxid }) => wxid).toSorted()).toEqual([lin.wxid, mei.wxid])

      await scene.meet({ ...lin, name: '林', unionId: 'oLin' })
      await scene.save(seen('桥'), { kept })
      const [row] = (await scene.rowsOf('contact')).filter(({ wxid }) => wxid === lin.wxid)
      expect(row).toMatchObject({ name: '林', union_id: 'oLin' })
    })
  })
}

/** Each is the same object until he is another, as where he is read once. */
const readOnce = (seen: Room, read: Map<string, Contact>): Room => ({
  ...seen,
  members: seen.members.map(member => {
    const before = read.get(member.contact.wxid)
    const contact = isDeepStrictEqual(before, member.contact) ? before! : member.contact
    read.set(contact.wxid, contact)
    return { ...member, contact }
  }),
})
