import { puppet } from '@juzi/wechaty-grpc'
import type { ContactWxid } from '@qunhub/wire'
import { expect, test } from 'vitest'
import { Forgetting } from '../forgetting.ts'
import type { PuppetClient } from '../puppet-client.ts'
import { AccountReads } from './read-account.ts'

const SELF = '1688850000000001' as ContactWxid

test('BOT-210 of two who ask for the account at once, the one who asked first is told nothing, whoever is answered last', async () => {
  const answers: ((name: string) => void)[] = []
  const client = {
    async dirtyPayload() {},
    contactPayload: () =>
      new Promise(resolve => {
        answers.push(name => {
          const payload = new puppet.ContactPayloadResponse()
          payload.setName(name)
          resolve(payload)
        })
      }),
  } as unknown as PuppetClient
  const [reads, forgetting] = [new AccountReads(), new Forgetting()]
  const asked = ['小北', '小贝'].map(() => reads.anew(client, SELF, forgetting))
  await new Promise(resolve => setImmediate(resolve))
  answers[1]!('小贝')
  answers[0]!('小北')
  expect(await Promise.all(asked)).toMatchObject([null, { nickName: '小贝' }])
})
