import { type Office, openOffice } from '@qunhub/testing/grounds/open-office.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { contact, tenureOf, wxidOf } from '../store/contract/scene.contract.ts'
import { saveContacts } from '../store/rooms/contacts.ts'

let office: Office
beforeEach(async () => {
  office = await openOffice()
})
afterEach(() => office.close())

const UNION_ID = `o${'u'.repeat(27)}`

async function withContact() {
  const workspace = await office.workspaceNamed('甲')
  const { botId } = await office.botInRoom(workspace)
  await saveContacts(office.deps.db, tenureOf(workspace, botId), [contact('lin')])
  return { workspace, botId }
}

test.each([
  ['it names nobody', { unionId: UNION_ID }, { wxid: '须给出 wxid 或 externalUserId' }],
  ['it says nothing', { wxid: wxidOf('lin') }, { unionId: '须给出 unionId' }],
  ['an externalUserId alone', { externalUserId: `wm${'e'.repeat(30)}` }, { unionId: '须给出 unionId' }],
  [
    'no such unionId exists',
    { wxid: wxidOf('lin'), unionId: 'u123' },
    { unionId: '应为 o 开头的 28 个字符' },
  ],
  [
    'no such externalUserId exists',
    { wxid: wxidOf('lin'), externalUserId: 'lin' },
    { externalUserId: '应为 wm 或 wo 开头的 32 个字符' },
  ],
  ['it is empty', { wxid: ' ', unionId: '' }, { wxid: '须给出 wxid', unionId: '须给出 unionId' }],
  [
    'neither id exists',
    { externalUserId: 'lin', unionId: 'canary' },
    { externalUserId: '应为 wm', unionId: '应为 o' },
  ],
])('BOT-140 a line is malformed where %s, and each such cell is named', async (_what, line, wrong) => {
  await withContact()
  const reply = await office.value('import-contacts', { lines: [line] })
  const problems = Object.entries(wrong).map(([field, words]) => ({
    field,
    message: expect.stringContaining(words),
  }))
  expect(reply).toEqual({ lines: [{ outcome: 'malformed', bots: 0, problems }] })
  expect(JSON.stringify(reply)).not.toContain('canary')
})

test('BOT-140 a line that is well has no problems, and those of another are not its own', async () => {
  await withContact()
  const lines = [
    { wxid: wxidOf('lin'), unionId: 'u123' },
    { wxid: wxidOf('lin'), unionId: UNION_ID },
  ]
  const told = (await office.value('import-contacts', { lines })).lines
  expect(told.map(({ outcome, problems }) => [outcome, problems?.map(({ field }) => field)])).toEqual([
    ['malformed', ['unionId']],
    ['updated', undefined],
  ])
})

test('BOT-143 after an import all ids stand side by side, for a bot and by any of them', async () => {
  const { botId } = await withContact()
  const lines = [{ wxid: ` ${wxidOf('lin')} `, unionId: UNION_ID }]
  expect(await office.value('import-contacts', { lines })).toMatchObject({ lines: [{ outcome: 'updated' }] })
  for (const which of [{ id: UNION_ID }, { bot: 'xiaobei', id: 'wmlin' }]) {
    expect(await office.value('list-contacts', which)).toMatchObject({
      contacts: [{ botId, wxid: wxidOf('lin'), externalUserId: 'wmlin', userId: null, unionId: UNION_ID }],
    })
  }
  expect(await office.ask('list-contacts', { bot: 'nobody' })).toMatchObject({ refused: 'bot-unknown' })
})

test('G-11 contacts of another workspace are unknown', async () => {
  await withContact()
  const other = await office.workspaceNamed('乙')
  const lines = [{ wxid: wxidOf('lin'), unionId: UNION_ID }]
  expect(await office.value('import-contacts', { workspace: other, lines })).toEqual({
    lines: [{ outcome: 'unknown', bots: 0 }],
  })
  expect(await office.value('list-contacts', { workspace: other })).toEqual({ contacts: [], next: null })
})

test('CON-48 people are found by how their name begins, of this workspace and of a bot', async () => {
  await withContact()
  const { contacts } = await office.value('list-contacts', {})
  const { wxid, name } = contacts[0]!
  const found = async (asked: object) => {
    const { contacts: those } = await office.value('list-contacts', asked)
    return those.map(each => each.wxid)
  }
  expect(await found({ name: name.slice(0, 1) })).toContain(wxid)
  expect(await found({ name, id: wxid })).toEqual([wxid])
  expect(await found({ name: `${name} and more` })).toEqual([])
  // As it is written, and no sign in it is read as another.
  expect(await found({ name: '%' })).toEqual([])
})
