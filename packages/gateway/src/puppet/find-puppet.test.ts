import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventually } from '@qunhub/testing/eventually.ts'
import {
  becomes,
  botRow,
  CALL_DEADLINE_MS,
  claimed,
  openNotedRoster,
  openTrial,
} from '@qunhub/testing/trials/bot-trial.ts'
import { expect, onTestFinished, test } from 'vitest'
import { isPrivateLink } from '../model/private-link.ts'
import { type Log, silentLog } from '../system/log.ts'
import { findPuppet, originOf } from './find-puppet.ts'

const TOKEN = 'puppet_workpro_token'

/** An authority that answers every question in this way; asked for paths are noted. */
async function openAuthority(answer: (response: ServerResponse) => void) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    answer(response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  return { asked, authority: `127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const find = (discovery: string, signal = new AbortController().signal) =>
  findPuppet({ endpoint: null, discovery, token: TOKEN, tls: true }, { deadlineMs: CALL_DEADLINE_MS, signal })

test.each<[string, (response: ServerResponse) => void, string]>([
  ['the token is not known', response => response.writeHead(404).end('{}'), 'does not know the token'],
  ['it is broken', response => response.writeHead(502).end(), 'answered 502'],
  [
    'it points elsewhere',
    response => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    'answered 302',
  ],
  ['it says no JSON', response => response.end('<html>'), 'something else'],
  ['it says no port', response => response.end('{"ip":"10.0.0.9"}'), 'something else'],
  [
    'it says very much',
    response => response.end(`{"ip":"10.0.0.9","port":1,"x":"${'x'.repeat(9999)}"}`),
    'something else',
  ],
  ['nobody is logged in', response => response.end('{"ip":"0.0.0.0","port":0}'), 'nothing is logged in'],
  ['it hangs', () => {}, 'does not answer'],
  ['it drips', response => void response.write('{'), 'does not answer'],
  ['it breaks off', response => response.destroy(), 'does not answer'],
])(
  'BOT-131 an authority that does not say where is a reason in our own words: %s',
  async (_what, answer, reason) => {
    const { authority } = await openAuthority(answer)
    const found = await find(authority)
    expect(found).toEqual({ puppet: null, reason: expect.stringContaining(reason) })
    expect(JSON.stringify(found)).not.toContain(TOKEN)
  },
)

test('BOT-131 nobody at the authority, and a bot that is detached meanwhile', async () => {
  expect(await find('127.0.0.1:1')).toMatchObject({ puppet: null })
  expect(await find('nowhere.invalid')).toMatchObject({ puppet: null })
  expect(await find('127.0.0.1:1', AbortSignal.abort())).toMatchObject({ puppet: null })
})

test.each([
  ['as old authorities do', { ip: '10.0.0.9', port: 8788 }, '10.0.0.9:8788'],
  ['as new ones do', { host: 'puppet.example', port: '443' }, 'puppet.example:443'],
  ['by IPv6', { ip: 'fd00::9', port: 8788 }, '[fd00::9]:8788'],
])('BOT-130 the authority says where the puppet is: %s', async (_what, said, endpoint) => {
  const { asked, authority } = await openAuthority(response => response.end(JSON.stringify(said)))
  expect(await find(authority)).toEqual({ puppet: { endpoint, token: TOKEN, tls: true } })
  expect(asked).toEqual([`GET /v0/hosties/${TOKEN}`])
})

test.each([
  ['127.0.0.1:3100', 'http://127.0.0.1:3100'],
  ['localhost', 'http://localhost'],
  ['[::1]:3100', 'http://[::1]:3100'],
  ['10.0.0.9:3100', 'https://10.0.0.9:3100'],
  ['discovery.example', 'https://discovery.example'],
])('BOT-130 the token goes to an authority in plain text only on this machine: %s', (authority, origin) => {
  expect(originOf(authority)).toBe(origin)
})

test('BOT-130 a bot comes online where the authority says, and finds its puppet again when that has changed', async () => {
  const trial = await openTrial()
  onTestFinished(() => trial.close())
  const bot = trial.world.addBot({ userId: 'xiaobei' })
  let port = 0
  const { asked, authority } = await openAuthority(response =>
    response.end(JSON.stringify({ ip: '127.0.0.1', port })),
  )
  const row = {
    ...botRow('127.0.0.1:1', bot.token),
    address: { endpoint: null, discovery: authority, token: bot.token, tls: false },
  }
  const hosted = trial.roster.add(claimed(row))
  await becomes(hosted, 'reconnecting')
  expect(hosted.session).toMatchObject({ reason: expect.stringContaining('nothing is logged in') })
  port = Number(trial.simulator.endpoint.split(':').at(-1))
  await becomes(hosted, 'online')
  expect(asked.length).toBeGreaterThan(1)
})

test.each([
  ['127.0.0.1:18788', true],
  ['[::1]:18788', true],
  ['[fd00::9]:18788', true],
  ['localhost:18788', true],
  ['10.1.2.3:18788', true],
  ['192.168.1.9', true],
  ['203.0.113.7:18788', false],
  ['[2001:4860::1]:18788', false],
  ['puppet.example:18788', false],
])(
  'BOT-132 whether %s is on this machine or a private network as it is written: %s',
  (endpoint, isPrivate) => {
    expect(isPrivateLink(endpoint)).toBe(isPrivate)
  },
)

test('BOT-132 plain text to anywhere else is warned of in the log, once, and without the token', async () => {
  const warnings: string[] = []
  const log: Log = {
    ...silentLog,
    warn: (facts, sentence) => void warnings.push(`${sentence} ${JSON.stringify(facts)}`),
  }
  const { roster } = openNotedRoster('puppet.invalid:1', { log })
  onTestFinished(() => roster.stop())
  const hosted = roster.add(claimed(botRow('puppet.invalid:1', TOKEN)))
  await eventually(
    'a second try',
    () => hosted.session.state === 'reconnecting' && hosted.session.attempt > 1,
  )
  expect(warnings.filter(warning => warning.includes('plain text'))).toHaveLength(1)
  expect(warnings.join()).not.toContain(TOKEN)
})
