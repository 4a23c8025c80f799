import { type Desk, openDesk } from '@qunhub/testing/grounds/open-desk.ts'
import { openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let desk: Desk
let customer: Awaited<ReturnType<typeof openCustomer>>
beforeEach(async () => {
  desk = await openDesk()
  customer = await openCustomer()
  desk.atEnd(customer.close)
  await desk.cli('workspace add 甲')
})
afterEach(() => desk.close())

describe.each([
  ['with no gateway', async () => {}],
  ['through the door of a gateway', () => desk.openDoor()],
])('%s', (_how, begin) => {
  test('CLI-124 `callback test` shows what the receiver answered, how it was signed and what to do, and ends with 1 unless it was taken', async () => {
    await begin()
    expect(await desk.cli('callback test')).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringContaining('qunhub callback set-url'),
    })
    await desk.cli(`callback set-url ${customer.url}/hook`)
    const taken = await desk.cli('callback test')
    expect(taken).toMatchObject({ exitCode: 0, stderr: '' })
    for (const shown of [
      '收下了 / taken',
      `${customer.url}/hook/callback/test`,
      '200',
      'webhook-signature  v1,',
    ])
      expect(taken.stdout).toContain(shown)

    customer.answerWith([{ status: 401, body: 'bad \u001b[2Jsignature' }, 401])
    const refused = await desk.cli('callback test')
    expect(refused).toMatchObject({ exitCode: 1, stderr: '' })
    expect(refused.stdout).toMatch(/没有收下.*\n[\s\S]*401[\s\S]*怎么办.*qunhub callback secret/)
    expect(refused.stdout).not.toContain('\u001b')
    const asJson = await desk.cli('callback test --json')
    expect(asJson).toMatchObject({ exitCode: 1, stderr: '' })
    expect(JSON.parse(asJson.stdout)).toMatchObject({ taken: false, status: 401 })
    expect(JSON.parse((await desk.cli('callback list --json')).stdout)).toEqual({ callbacks: [], next: null })
  })
})
