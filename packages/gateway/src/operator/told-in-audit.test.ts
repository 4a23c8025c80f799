import { fieldForm, operatorVerbs, type VerbName } from '@qunhub/wire'
import { expect, test } from 'vitest'
import { isAudited } from './audit.ts'
import { TOLD, toldInAudit } from './told-in-audit.ts'

const audited = (Object.keys(operatorVerbs) as VerbName[]).filter(isAudited)

/** What is shown once, or opens something. */
const SECRET = /token|secret|code|value|password|endedEarly/i

test.each(audited)(
  'CON-16 %s tells no field in which a secret stands, and none that only looks is here',
  verb => {
    const { input } = operatorVerbs[verb]
    const { asked = [], done = [] }: { asked?: readonly string[]; done?: readonly string[] } =
      TOLD[verb] ?? {}
    const secret = Object.entries(input.shape).filter(([, field]) => fieldForm(field).isSecret)
    expect(asked.filter(field => secret.some(([name]) => name === field))).toEqual([])
    expect([...asked, ...done].filter(field => SECRET.test(field))).toEqual([])
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
