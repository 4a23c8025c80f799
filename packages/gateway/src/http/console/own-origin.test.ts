import { expect, test } from 'vitest'
import { ownOrigin } from './own-origin.ts'
import { readSessionCookie, sessionCookie } from './session-cookie.ts'

const at = (protocol: 'http' | 'https', host: string, origin: string | undefined) => ({
  ...{ protocol, host },
  headers: origin === undefined ? {} : { origin },
})

test.each([
  ['none', undefined],
  ['of a sandboxed page', 'null'],
  ['another host', 'http://evil.example'],
  ['another port', 'http://127.0.0.1:3001'],
  ['another scheme', 'https://127.0.0.1:3000'],
  ['ours as a beginning', 'http://127.0.0.1:3000.evil.example'],
  ['no URL', 'nonsense'],
  ['two of them', 'http://127.0.0.1:3000, http://evil.example'],
  ['a file', 'file://127.0.0.1:3000'],
])('CON-3 an Origin that is not ours is none: %s', (_what, origin) => {
  expect(ownOrigin(at('http', '127.0.0.1:3000', origin), undefined)).toBeUndefined()
  expect(ownOrigin(at('http', '127.0.0.1:3000', origin), 'https://qunhub.example/open')).toBeUndefined()
})

test.each([
  ['as the browser reached us', 'http', '127.0.0.1:3000', 'http://127.0.0.1:3000', undefined],
  ['without the port that is usual', 'https', 'qunhub.example', 'https://qunhub.example', undefined],
  ['with it', 'https', 'qunhub.example:443', 'https://qunhub.example', undefined],
  ['an IPv6 address', 'http', '[::1]:3000', 'http://[::1]:3000', undefined],
  ['as it is configured', 'http', '10.0.0.1:3000', 'https://qunhub.example', 'https://qunhub.example/open'],
] as const)('CON-3 an Origin of ours: %s', (_what, protocol, host, origin, publicUrl) => {
  expect(ownOrigin(at(protocol, host, origin), publicUrl)?.origin).toBe(origin)
})

test('CON-3 where an address is configured, no other name that leads here is ours, but this machine is', () => {
  const configured = 'https://qunhub.example/open'
  const reached = (host: string) => ownOrigin(at('http', host, `http://${host}`), configured)
  expect(reached('rebound.example:3000')).toBeUndefined()
  expect(reached('10.0.0.1:3000')).toBeUndefined()
  for (const host of ['127.0.0.1:3000', 'localhost:3000', '[::1]:3000'])
    expect(reached(host)?.host).toBe(host)
})

const ID = 'a'.repeat(43)

test.each([
  ['none', undefined],
  ['empty', 'qunhub_session='],
  ['too short', 'qunhub_session=abc'],
  ['too long', `qunhub_session=${ID}a`],
  ['with other characters', `qunhub_session=${'%'.repeat(43)}`],
  ['twice', `qunhub_session=${ID}; qunhub_session=${ID}`],
  ['another name that ends alike', `x_qunhub_session=${ID}`],
])('CON-2 a cookie that was never given is none: %s', (_what, header) => {
  expect(readSessionCookie(header)).toBeUndefined()
})

test('CON-2 the cookie is found among others, and is Secure over https alone', () => {
  expect(readSessionCookie(`theme=dark; qunhub_session=${ID};a=b`)).toBe(ID)
  const scope = { isHttps: false }
  const plain = `qunhub_session=${ID}; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict`
  expect(sessionCookie(ID, 43200, scope)).toBe(plain)
  expect(sessionCookie(ID, 43200, { ...scope, isHttps: true })).toBe(`${plain}; Secure`)
})
