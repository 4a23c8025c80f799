import { openTlsAsker } from '@qunhub/testing/debian/ask-tls.ts'
import { describeWith } from '@qunhub/testing/debian/describe-with.ts'
import { type OpenedProxy, openProxy } from '@qunhub/testing/debian/open-proxy.ts'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type Cluster, openCluster } from '@qunhub/testing/grounds/open-cluster.ts'
import { CONSOLE_API_PATH, operatorVerbs } from '@qunhub/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'

const BASE_PATH = '/qunhub'
const PASSWORD = 'correct horse battery'
/** Rule G-6, of each of the two nodes. */
const REQUESTS_OF_STRANGERS_MAX = 2 * 500
/** At once; a proxy of two nodes hands half of them to each. */
const CROWD = 20
const BODY_BYTES_MAX = 256 * 1024

describeWith({ haproxy: 'haproxy' }, 'two nodes behind HAProxy', () => behind('haproxy'))
describeWith({ nginx: 'nginx' }, 'two nodes behind nginx', () => behind('nginx'))

function behind(kind: 'haproxy' | 'nginx'): void {
  let cluster: Cluster
  let proxy: OpenedProxy
  const asker = openTlsAsker()
  const at = (path: string) => `${proxy.baseUrl}${BASE_PATH}${path}`
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    asker.ask(at(path), { method: 'POST', body: JSON.stringify(body), headers })

  beforeAll(async () => {
    cluster = await openCluster(2, undefined, {
      env: { QUNHUB_BASE_PATH: BASE_PATH, QUNHUB_TRUST_PROXY: '127.0.0.1' },
    })
    proxy = await openProxy(
      kind,
      cluster.nodes.map(({ gateway }) => new URL(gateway.baseUrl).origin),
      BASE_PATH,
    )
  })
  afterAll(async () => {
    asker.close()
    await proxy?.close()
    await cluster?.close()
  })

  test('DEP-13 below a path prefix and over TLS the page is answered, measurements are not, and what is elsewhere is the gateway’s 404', async () => {
    const { token } = cluster
    expect(await asker.ask(at(`/room/list?token=${token}`))).toMatchObject({ status: 200 })
    expect((await asker.ask(at('/ready'))).status).toBe(200)
    for (const path of ['/metrics', '/metrics/', '/%6detrics', '/metric%73'])
      expect((await asker.ask(at(path))).status).toBe(404)
    const elsewhere = await asker.ask(`${proxy.baseUrl}/room/list?token=${token}`)
    expect(elsewhere).toMatchObject({ status: 404, text: expect.stringContaining('没有这个接口') })
  })

  test('DEP-13 a body of 256 KiB reaches the gateway, and of a longer one the answer is the gateway’s', async () => {
    const start = `{"token":"${cluster.token}","botUserId":"nobody","contactWxid":"c","roomWxid":"R:1","rest":"`
    const bodyOf = (bytes: number) => `${start}${'x'.repeat(bytes - start.length - 2)}"}`
    const whole = await asker.ask(at('/room/addMember'), { method: 'POST', body: bodyOf(BODY_BYTES_MAX) })
    expect(whole).toMatchObject({ status: 200, text: expect.stringContaining('"code":-2') })
    const beyond = await asker.ask(at('/room/addMember'), {
      method: 'POST',
      body: bodyOf(BODY_BYTES_MAX + 1),
    })
    expect(beyond).toMatchObject({ status: 400, text: expect.stringContaining('256 KiB') })
  })

  test('DEP-13 what is held until something changes is answered then, through the proxy', async () => {
    const bot = cluster.world.addBot({ userId: `waits-${kind}` })
    const room = { ownerId: cluster.world.addCoworker().wxid, members: [bot.wxid], external: true }
    cluster.world.addRoom(room)
    await cluster.host(bot)
    const workspace = cluster.workspaceId
    const { token } = await cluster.nodes[0]!.operate('issue-token', { workspace, realm: 'manage' })
    const login = async (more: object = {}) => {
      const headers = { authorization: `Bearer ${token}` }
      const answer = await post('/manage/login-bot', { bot: bot.userId, ...more }, headers)
      return operatorVerbs['login-bot'].output.parse(JSON.parse(answer.text).value)
    }
    const before = await login()
    expect(before.state).toBe('online')
    let isHeld = true
    const held = login({ seen: before.seen, waitSeconds: 10 }).finally(() => (isHeld = false))
    await login()
    expect(isHeld).toBe(true)
    cluster.world.setBotState(bot.wxid, 'awaiting-scan')
    expect((await held).state).not.toBe('online')
  })

  test('DEP-13 the console signs in with a cookie for TLS alone, and its page is whole', async () => {
    const { code } = await cluster.nodes[0]!.operate('issue-setup-code', {})
    const body = { code, name: `小北-${kind}`, password: PASSWORD }
    const { origin } = new URL(proxy.baseUrl)
    const signedIn = await post(`${CONSOLE_API_PATH}/setup`, body, { origin })
    expect(signedIn).toMatchObject({ status: 200, text: expect.stringContaining('"ok":true') })
    const cookie = String(signedIn.headers['set-cookie'])
    expect(cookie).toContain('Secure')
    // Whichever node is asked knows the session.
    for (let n = 0; n < 4; n++) {
      const headers = { origin, cookie: cookie.split(';')[0]! }
      expect((await post(`${CONSOLE_API_PATH}/verbs/list-nodes`, {}, headers)).status).toBe(200)
    }
    const foreign = { origin: 'https://evil.example', cookie: cookie.split(';')[0]! }
    expect((await post(`${CONSOLE_API_PATH}/verbs/list-nodes`, {}, foreign)).status).toBe(403)
  })

  test('DEP-13 whoever reads slowly gets every byte, and others are answered meanwhile', async () => {
    const slow = asker.ask(at('/openapi.json'), { pauseMs: 20 })
    expect((await asker.ask(at(`/room/list?token=${cluster.token}`))).status).toBe(200)
    const { text } = await asker.ask(at('/openapi.json'))
    expect((await slow).text).toBe(text)
  })

  test('DEP-13 a stranger is counted by his own address, whatever he says of himself', async () => {
    const knock = async (from: string, n: number) =>
      (
        await asker.ask(at('/room/list?token=wrong'), {
          from,
          headers: { 'x-forwarded-for': `10.9.${n >> 8}.${n & 255}` },
        })
      ).status
    let n = 0
    const refused = new Set<number>()
    while (n < REQUESTS_OF_STRANGERS_MAX + 2 * CROWD) {
      const crowd = Array.from({ length: CROWD }, () => knock('127.0.0.2', n++))
      for (const status of await Promise.all(crowd)) refused.add(status)
    }
    expect([...refused]).toContain(429)
    await eventually('every node refuses him', async () => {
      const crowd = await Promise.all(Array.from({ length: 6 }, () => knock('127.0.0.2', n++)))
      return crowd.every(status => status === 429)
    })
    expect(await knock('127.0.0.3', n)).not.toBe(429)
  })

  test('DEP-13 no token, and nothing else of a query, stands in what the proxy wrote', async () => {
    const log = await proxy.log()
    expect(log).toContain('/qunhub/room/list')
    expect(log).not.toContain(cluster.token)
    expect(log).not.toMatch(/token=|wrong/)
  })
}
