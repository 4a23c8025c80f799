import { puppet } from '@juzi/wechaty-grpc'
import type { ContactWxid } from '@qunhub/wire'
import { expect, test } from 'vitest'
import { Forgetting } from '../forgetting.ts'
import type { PuppetClient } from '../puppet-client.ts'
import { PuppetRefused } from '../puppet-failures.ts'
import { AccountReads } from './read-account.ts'

const SELF = '1688850000000001' as ContactWxid

test('BOT-210 of two who ask for the account at once, the one who asked first is told nothing, whoever is answered last', async () => {
  const { ask, answers } = asking()
  const asked = ['小北', '小贝'].map(ask)
  await new Promise(resolve => setImmediate(resolve))
  answers[1]!('小贝')
  answers[0]!('小北')
  expect(await Promise.all(asked)).toMatchObject([null, { nickName: '小贝' }])
})

test('BOT-210 of two who ask for the account at once, the first is told where the second is refused', async () => {
  const { ask, answers } = asking()
  const asked = ['小北', '小贝'].map(ask)
  await new Promise(resolve => setImmediate(resolve))
  answers[0]!('小北')
  answers[1]!(null)
  expect(await Promise.all(asked)).toMatchObject([{ nickName: '小北' }, null])
})

/** A puppet that answers when the test says so; null refuses. */
function asking() {
  const answers: ((name: string | null) => void)[] = []
  const client = {
    async dirtyPayload() {},
    contactPayload: () =>
      new Promise((resolve, reject) => {
        answers.push(name => {
          if (name === null) return reject(new PuppetRefused('who is it'))
          const payload = new puppet.ContactPayloadResponse()
          payload.setName(name)
          resolve(payload)
        })
      }),
  } as unknown as PuppetClient
  const [reads, forgetting] = [new AccountReads(), new Forgetting()]
  return { ask: () => reads.anew(client, SELF, forgetting), answers }
}
