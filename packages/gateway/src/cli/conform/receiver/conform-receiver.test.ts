import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createReceiver } from '@qunhub/client/receiver'
import { toNode } from '@qunhub/client/receiver/node'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { type Answer, type Heard, openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { callbacks } from '@qunhub/wire'
import { Webhook } from 'standardwebhooks'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Clock, systemClock } from '../../../system/clock.ts'
import { systemRandom } from '../../../system/random.ts'
import type { Finding, Verdict } from '../../show/report.ts'
import { CONFORM_MAX_MS, checksFor, conformReceiver } from './conform-receiver.ts'

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
const SECOND = `whsec_${Buffer.alloc(32, 2).toString('base64')}`

const conform = (
  url: string,
  { clock = systemClock, secrets = [SECRET] }: { clock?: Clock; secrets?: string[] } = {},
) =>
  conformReceiver({
    url: new URL(url),
    headers: {},
    secrets: secrets as [string],
    ca: undefined,
    clock,
    random: systemRandom,
  })

const named = (findings: readonly Finding[], verdict: Verdict): string[] =>
  findings.filter(finding => finding.verdict === verdict).map(({ check }) => check)

const REFUSALS = [
  ...['wrong-secret', 'empty-secret', 'tampered-body', 'other-id', 'new-timestamp', 'old', 'future'],
  ...['no-webhook-signature', 'no-webhook-id', 'no-webhook-timestamp', 'garbled-signature'],
]
const GOOD = [...callbacks.map(({ kind }) => `good-${kind.replace('/', '-')}`), 'unknown-kind', 'full-room']

/** What a receiver does with what it heard; told whether it is signed as it should be, by an independent implementation. */
type Manner = (heard: Heard, isSigned: boolean) => Answer | Promise<Answer>

const isSigned = ({ body, headers }: Heard, secret = SECRET): boolean => {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>)
    return true
  } catch {
    return false
  }
}

async function receiver(manner: Manner): Promise<{ url: string; heard: readonly Heard[] }> {
  const customer = await openCustomer(heard => manner(heard, isSigned(heard)))
  onTestFinished(() => customer.close())
  return customer
}
const justly: Manner = (_heard, signed) => (signed ? 204 : 401)

/** As it should be, but for what is done first; undefined goes on. */
const otherwise =
  (first: (heard: Heard, signed: boolean) => Answer | undefined): Manner =>
  (heard, signed) =>
    first(heard, signed) ?? justly(heard, signed)

const bodyOf = ({ json }: Heard) => (json ?? {}) as Record<string, unknown>
const seenTwice = () => {
  const seen = new Set<unknown>()
  return ({ headers }: Heard) => seen.has(headers['webhook-id']) || !seen.add(headers['webhook-id'])
}

describe('a receiver that is at fault is told for what, and what to do', () => {
  const isKnownTwice = seenTwice()
  let isSpoiled = false

  test.each<[string, string[], Manner]>([
    ['believes whatever comes', REFUSALS, () => 204],
    ['fails on what is not signed', REFUSALS, (_heard, signed) => (signed ? 204 : 500)],
    [
      'verifies JSON that it wrote again',
      ['raw-bytes'],
      otherwise(({ body, json }) => (JSON.stringify(json) === body.toString() ? undefined : 401)),
    ],
    [
      'looks at the first signature only',
      ['two-signatures', 'newer-signature'],
      otherwise(({ body, headers, ...heard }) => {
        const first = String(headers['webhook-signature']).split(' ')[0]!
        return isSigned({ ...heard, body, headers: { ...headers, 'webhook-signature': first } })
          ? undefined
          : 401
      }),
    ],
    ['takes what is old', ['old'], otherwise(heard => (isOff(heard, -1) ? 204 : undefined))],
    ['takes what is of the future', ['future'], otherwise(heard => (isOff(heard, 1) ? 204 : undefined))],
    [
      'has a limit of 100 KB',
      ['full-room'],
      otherwise(({ body }) => (body.length > 100_000 ? 413 : undefined)),
    ],
    [
      'knows the page’s kinds only',
      ['good-room-joined', 'good-room-left', 'good-room-topic', 'unknown-kind'],
      otherwise(({ path }) => (path.startsWith('/chatroom/') ? undefined : 404)),
    ],
    [
      'wants no other fields',
      ['extra-fields'],
      otherwise(heard => ('newField' in bodyOf(heard) ? 422 : undefined)),
    ],
    [
      'wants a name',
      ['nobody-inside'],
      otherwise(heard => (bodyOf(heard)['topic'] === '' ? 400 : undefined)),
    ],
    ['fails on emoji', ['scripts'], otherwise(({ body }) => (body.includes('👩‍👩‍👧') ? 500 : undefined))],
    [
      'is strict about the time',
      ['slow-clock'],
      otherwise(({ headers }) =>
        Math.abs(Number(headers['webhook-timestamp']) * 1000 - Date.now()) > 30_000 ? 401 : undefined,
      ),
    ],
    [
      'answers duplicates with 409',
      ['twice', 'twice-at-once'],
      otherwise((heard, signed) => (signed && isKnownTwice(heard) ? 409 : undefined)),
    ],
    [
      'trips over what it did not read',
      ['behind-a-refused-one'],
      otherwise((heard, signed) => {
        const wasSpoiled = isSpoiled
        isSpoiled = !signed && heard.body.length > 100_000
        return wasSpoiled ? 400 : undefined
      }),
    ],
  ])('CLI-110 a receiver that %s', async (_name, faults, manner) => {
    const findings = await conform((await receiver(manner)).url)
    expect(named(findings, 'failed')).toEqual(expect.arrayContaining(faults))
    expect(named(findings, 'failed').filter(check => !faults.includes(check))).toEqual([])
    for (const { verdict, next } of findings)
      if (verdict === 'failed')
        expect([next!.chinese, next!.english].every(words => words.length > 5)).toBe(true)
  })

  test('CLI-110 a second secret that it does not know is told', async () => {
    const { url } = await receiver(justly)
    expect(named(await conform(url, { secrets: [SECRET, SECOND] }), 'failed')).toEqual(['secret-2'])
  })

  test('CLI-110 of a receiver that refuses everything, refusals show nothing and are said to', async () => {
    const findings = await conform((await receiver(() => 401)).url)
    expect(named(findings, 'failed')).toEqual(expect.arrayContaining(GOOD))
    expect(named(findings, 'unseen')).toEqual(expect.arrayContaining(REFUSALS))
  })

  test('CLI-110 a redirect is not followed, and is said not to be', async () => {
    const elsewhere = await receiver(() => 204)
    const answer = { status: 307, headers: { location: elsewhere.url } }
    const findings = await conform((await receiver(() => answer)).url)
    expect(findings[0]!.next!.chinese).toContain('跳转')
    expect(elsewhere.heard).toEqual([])
  })
})

/** The timestamp is 10 minutes off, in this direction, and the signature is right nevertheless. */
const isOff = (heard: Heard, direction: -1 | 1): boolean => {
  const signedAt = Number(heard.headers['webhook-timestamp']) * 1000
  const off = Math.sign(signedAt - Date.now()) === direction && Math.abs(signedAt - Date.now()) > 300_000
  return off && Reflect.apply(isSignedWhenever, undefined, [heard])
}
const isSignedWhenever = ({ headers, body }: Heard): boolean => {
  const [id, timestamp] = [String(headers['webhook-id']), Number(headers['webhook-timestamp'])]
  return (
    new Webhook(SECRET).sign(id, new Date(timestamp * 1000), body.toString()) === headers['webhook-signature']
  )
}

describe('a receiver that cannot be reached, or is slow', () => {
  test('CLI-111 where nobody listens one callback is tried, and the rest is skipped', async () => {
    const gone = await openCustomer()
    await gone.close()
    const findings = await conform(gone.url)
    expect(named(findings, 'failed')).toEqual(['good-chatroom-joined'])
    expect(named(findings, 'skipped')).toHaveLength(findings.length - 1)
  })

  test('CLI-111 one that never answers is waited for 5 s, once', async () => {
    const clock = new ManualClock()
    const customer = await receiver(() => {
      clock.advance(5000)
      return 'hang'
    })
    const findings = await conform(customer.url, { clock })
    expect(findings[0]!.seen.chinese).toContain('5 秒')
    expect(customer.heard).toHaveLength(1)
  })

  test('CLI-111 one that takes 4 s for each is told so, and after two minutes no more is asked', async () => {
    const clock = new ManualClock(Date.now())
    const customer = await receiver(() => {
      clock.advance(4000)
      return 204
    })
    const findings = await conform(customer.url, { clock })
    expect(customer.heard.length).toBeLessThanOrEqual(CONFORM_MAX_MS / 4000 + 2)
    expect(findings.at(-1)).toMatchObject({ check: 'encrypted', verdict: 'failed' })
  })

  test('CLI-111 the slowest answer is measured, and warned of', async () => {
    const clock = new ManualClock(Date.now())
    let heard = 0
    const customer = await receiver((one, signed) => {
      if (heard++ === 3) clock.advance(3000)
      return justly(one, signed)
    })
    const findings = await conform(customer.url, { clock })
    const speed = findings.find(({ check }) => check === 'speed')!
    expect(speed).toMatchObject({ verdict: 'warned', seen: { english: expect.stringContaining('3000 ms') } })
  })

  test('CLI-111 a receiver that takes GET for a callback is warned of, and has not failed', async () => {
    const findings = await conform(
      (await receiver(otherwise(({ body }) => (body.length === 0 ? 200 : undefined)))).url,
    )
    expect(named(findings, 'warned')).toEqual(['other-method'])
    expect(named(findings, 'failed')).toEqual([])
  })
})

describe('a receiver that does what callbacks ask', () => {
  const told = (findings: readonly Finding[]) => ({
    notPassed: findings.filter(({ verdict }) => verdict !== 'passed').map(({ check }) => check),
    length: findings.length,
  })

  test('CLI-112 that of our client passes, with two secrets; what cannot be seen from outside is said', async () => {
    const handled: string[] = []
    const ours = createReceiver({ secrets: [SECRET, SECOND] }).on('chatroom/loaded', ({ body }) => {
      handled.push(body.topic)
    })
    const server = createServer(toNode(ours))
    await new Promise<void>(up => server.listen(0, '127.0.0.1', up))
    onTestFinished(() => void server.close().closeAllConnections())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/qunhub?from=conform`
    const findings = await conform(url, { secrets: [SECRET, SECOND] })
    const length = checksFor({ secrets: [SECRET, SECOND] }).length
    expect(told(findings)).toEqual({ notPassed: ['handled-once'], length })
    expect(handled.filter(topic => topic.startsWith('qunhub conform: twice'))).toHaveLength(2)
    expect(handled).not.toContain('qunhub tampered')
  })

  test('CLI-112 one of another make passes, below a base with a path and a query', async () => {
    const customer = await receiver(justly)
    const findings = await conform(`${customer.url}/a/b?c=d`)
    expect(told(findings).notPassed).toEqual(['handled-once'])
    expect(new Set(customer.heard.map(({ path }) => path.replace(/\w+\/\w+(?=\?)/, '')))).toEqual(
      new Set(['/a/b/?c=d']),
    )
    const largest = Math.max(...customer.heard.map(({ body }) => body.length))
    expect(largest).toBeGreaterThan(150_000)
    expect(largest).toBeLessThan(180_000)
  })
})
