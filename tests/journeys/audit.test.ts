import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findDoorNote } from '../../packages/gateway/src/operator/door-note.ts'
import { Browser } from './console-browser.ts'

const PASSWORD = 'correct horse battery'

let house: House
let owner: Browser
let manage: string

beforeAll(async () => {
  house = await openHouse()
  owner = new Browser(house.baseUrl)
  const { code } = await house.operate('issue-setup-code', {})
  await owner.post('/setup', { code, name: '小北', password: PASSWORD })
  const issued = { workspace: house.workspaceId, realm: 'manage', label: '运维工具' } as const
  manage = (await house.operate('issue-token', issued)).token
})
afterAll(() => house.close())

const entries = async () => (await house.operate('list-audit', { limit: 500 })).entries
const newest = async () => (await entries())[0]!

/** As the command line asks. */
async function asMachine(verb: string, input: object): Promise<void> {
  const { port, secret } = (await findDoorNote(house.dataDir))!
  const headers = { authorization: `Bearer ${secret}` }
  await fetch(`http://127.0.0.1:${port}/operator/${verb}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(input),
  })
}

test('CON-16 a change is written down with who, by what right, where, on what, and how it went', async () => {
  await owner.post('/verbs/add-tag', { workspace: '测试小组', name: 'VIP' })
  const person = (await house.operate('list-people', {})).people[0]!
  expect(await newest()).toEqual({
    ...{ id: expect.any(String), at: expect.any(Number), realm: 'console', whoId: person.id, who: '小北' },
    ...{
      workspaceId: house.workspaceId,
      verb: 'add-tag',
      about: { name: 'VIP', id: expect.any(String) },
      outcome: 'done',
    },
  })

  await asMachine('remove-tag', { workspace: house.workspaceId, tag: 'nobody' })
  expect(await newest()).toMatchObject({
    ...{ realm: 'machine', whoId: null, who: '', workspaceId: house.workspaceId },
    ...{ verb: 'remove-tag', about: { tag: 'nobody' }, outcome: 'tag-unknown' },
  })

  await fetch(`${house.baseUrl}/manage/resume-callbacks`, {
    ...{ method: 'POST', headers: { authorization: `Bearer ${manage}` } },
  })
  expect(await newest()).toMatchObject({ realm: 'management', who: '运维工具', verb: 'resume-callbacks' })
})

test('CON-16 who only looks is not written down, but who looks at a secret is', async () => {
  const before = (await entries()).length
  for (const verb of ['list-bots', 'show-callback-address', 'list-audit', 'list-people'])
    await owner.post(`/verbs/${verb}`, {})
  await owner.post('/verbs/add-tag', { name: 7 })
  expect(await entries()).toHaveLength(before)
  await owner.post('/verbs/show-callback-secret', {})
  expect(await newest()).toMatchObject({ verb: 'show-callback-secret', outcome: 'done' })
})

test('CON-16 setting up, signing in, another password and signing out everywhere are written down', async () => {
  const again = new Browser(house.baseUrl)
  await again.post('/session', { name: '小北', password: PASSWORD })
  await again.post('/password', { current: PASSWORD, password: `${PASSWORD}2` })
  await again.ask('DELETE', '/sessions')
  const own = (await entries()).filter(({ realm, who }) => realm === 'console' && who === '小北')
  const verbs = own.map(({ verb }) => verb)
  expect(verbs.slice(0, 3)).toEqual(['sign-out-everywhere', 'change-password', 'sign-in'])
  expect(verbs.at(-1)).toBe('set-up')
})

test('CON-16 no secret is in it, whatever was asked', async () => {
  const canaries = ['canary_puppet_token_1', 'canary-header-value', `https://user:canary@127.0.0.1:9/`]
  await asMachine('add-bot', { endpoint: '127.0.0.1:1', token: canaries[0] })
  await asMachine('set-callback-header', { name: 'x-key', value: canaries[1] })
  await asMachine('set-callback-url', { url: canaries[2] })
  const { code } = await house.operate('issue-setup-code', {})
  await new Browser(house.baseUrl).post('/setup', { code, name: '小南', password: 'canary password' })
  const rows = await house.gateway.operator.db.all<object>({
    sql: 'select * from audit_entry',
    parameters: [],
  })
  const written = JSON.stringify([rows, await entries()])
  expect(rows.length).toBeGreaterThan(5)
  for (const secret of [...canaries, 'canary', code, PASSWORD, manage, house.token])
    expect(written).not.toContain(secret)
})
