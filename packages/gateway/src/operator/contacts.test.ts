import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Office, openOffice } from '../../testing/open-office.ts'
import { contact, tenureOf, wxidOf } from '../store/contract/scene.contract.ts'
import { saveContacts } from '../store/contacts.ts'

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
  ['it names nobody', { unionId: UNION_ID }],
  ['it says nothing', { wxid: wxidOf('lin') }],
  ['an externalUserId alone', { externalUserId: `wm${'e'.repeat(30)}` }],
  ['no such unionId exists', { wxid: wxidOf('lin'), unionId: 'u123' }],
  ['no such externalUserId exists', { wxid: wxidOf('lin'), externalUserId: 'lin' }],
  ['it is empty', { wxid: ' ', unionId: '' }],
])('BOT-140 a line is malformed where %s', async (_what, line) => {
  await withContact()
  expect(await office.value('import-contacts', { lines: [line] })).toEqual({
    lines: [{ outcome: 'malformed', bots: 0 }],
  })
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
  expect(await office.value('list-contacts', { workspace: other })).toEqual({ contacts: [] })
})
