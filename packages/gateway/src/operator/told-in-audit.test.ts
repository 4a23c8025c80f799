import { fieldForm, operatorVerbs, type VerbName } from '@qunhub/wire'
import { expect, test } from 'vitest'
import { isAudited } from './audit.ts'
import { TOLD, toldInAudit } from './told-in-audit.ts'

const audited = (Object.keys(operatorVerbs) as VerbName[]).filter(isAudited)

/** What is shown once, or opens something. */
const SECRET = /token|secret|code|value|password|endedEarly/i
/** What the page answered is a number, and opens nothing. */
const ANSWERED = 'try-request code'

test.each(audited)(
  'CON-16 %s tells no field in which a secret stands, and none that only looks is here',
  verb => {
    const { input } = operatorVerbs[verb]
    const { asked = [], done = [] }: { asked?: readonly string[]; done?: readonly string[] } =
      TOLD[verb] ?? {}
    const secret = Object.entries(input.shape).filter(([, field]) => fieldForm(field).isSecret)
    expect(asked.filter(field => secret.some(([name]) => name === field))).toEqual([])
    expect(
      [...asked, ...done].filter(field => SECRET.test(field) && `${verb} ${field}` !== ANSWERED),
    ).toEqual([])
    expect(Object.keys(TOLD).filter(name => !audited.includes(name as VerbName))).toEqual([])
  },
)

test('CON-16 an URL is told without user and query, a record by its id, a token by what it is and not by what was typed', () => {
  const url = toldInAudit('set-callback-url', { url: 'https://user:canary@a.example/b?key=canary' })
  expect(url.about).toEqual({})
  const done = { url: 'https://a.example/b?key=canary', secret: 'canary', header: 'Authorization' }
  expect(url.ofValue(done)).toEqual({ url: 'https://a.example/b', header: 'Authorization' })

  const revoked = toldInAudit('revoke-token', { id: 'canary' })
  expect([revoked.about, revoked.ofValue({ id: 'a1', revokedAt: 1 })]).toEqual([{}, { id: 'a1' }])
  const started = toldInAudit('start-replay', { state: 'parked' })
  expect([started.about, started.ofValue({ replay: { id: 'b2' } })]).toEqual([
    { state: 'parked' },
    { replay: 'b2' },
  ])
})

test('CON-16 what was changed can be read: switches, ids, the label of a token', () => {
  const switches = { paceAdditions: true, roomLeft: false }
  expect(toldInAudit('set-workspace', { workspace: 'x', ...switches }).about).toEqual(switches)
  expect(toldInAudit('replay-callbacks', { ids: [1, 2] }).about).toEqual({ ids: [1, 2] })
  const issued = toldInAudit('issue-token', { label: 'crm', realm: 'api' })
  expect({ ...issued.about, ...issued.ofValue({ id: 'a1', token: 'canary' }) }).toEqual({
    ...{ label: 'crm', realm: 'api', id: 'a1' },
  })
})

test('CON-16 a request that was tried is told by whom it names and what came of it, whatever else was typed', () => {
  const body = JSON.stringify({ botUserId: 'xiaobei', roomWxid: 'R:1', token: 'canary', greeting: 'canary' })
  const told = toldInAudit('try-request', { endpoint: 'exit', body })
  expect(told.about).toEqual({ endpoint: 'exit', body: { botUserId: 'xiaobei', roomWxid: 'R:1' } })
  expect(told.ofValue({ code: -9, requestId: 'r1', answer: 'canary' })).toEqual({ code: -9, requestId: 'r1' })
  expect(toldInAudit('try-request', { endpoint: 'exit', body: '{' }).about).toEqual({
    endpoint: 'exit',
    body: {},
  })
})
