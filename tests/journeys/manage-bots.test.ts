import type { Bot } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { scan } from '@qunhub/testing/read-png.ts'
import { type BotId, botQrcode, operatorVerbs } from '@qunhub/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let house: House
let token: string
let waiting: Bot
let waitingId: BotId
let online: Bot
let onlineId: BotId

beforeAll(async () => {
  house = await openHouse()
  token = (await house.operate('issue-token', { workspace: house.workspaceId, realm: 'manage' })).token
  waiting = house.world.addBot({ userId: 'xiaobei', nickName: '小北', state: 'awaiting-scan' })
  waitingId = await house.host(waiting)
  online = house.world.addBot({ userId: 'xiaonan', nickName: '小南' })
  onlineId = await house.host(online)
  await eventually('the code', async () => (await login()).qrcode)
})
afterAll(() => house.close())

async function manage(verb: string, body: object = {}, bearer = token) {
  const answer = await house.send(`/manage/${verb}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}` },
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: answer.body as { ok: boolean; value?: unknown; refused?: string } }
}

async function login(body: object = {}) {
  const answered = await manage('login-bot', { bot: 'xiaobei', ...body })
  return operatorVerbs['login-bot'].output.parse(answered.body.value)
}

async function picture(query: string, authorization: string | null = `Bearer ${token}`) {
  const headers = authorization === null ? {} : { authorization }
  const answer = await fetch(`${house.baseUrl}${botQrcode.path}?${query}`, { headers })
  const bytes = Buffer.from(await answer.arrayBuffer())
  return { status: answer.status, type: answer.headers.get('content-type'), headers: answer.headers, bytes }
}

const shownCode = () => house.world.snapshot().bots.find(({ wxid }) => wxid === waiting.wxid)!.scan!.qrcode

describe('what a management token may not', () => {
  test('MG-6 bots are neither added, nor logged out, nor synced over HTTP: 404', async () => {
    for (const verb of ['add-bot', 'logout-bot', 'sync-bot'])
      expect(await manage(verb, { bot: onlineId })).toMatchObject({ status: 404 })
    expect(online.state).toBe('online')
  })

  test.each([
    ['no token', null, ''],
    ['a token in the query', null, '&token=TOKEN'],
    ['a token of the page', 'Bearer PAGE', ''],
  ])(
    'MG-7 the picture is for whoever brings a management token in the header: %s is 401',
    async (...given) => {
      const [, authorization, more] = given
      const bearer = authorization?.replace('PAGE', house.token) ?? null
      const answer = await picture(`bot=xiaobei${more.replace('TOKEN', token)}`, bearer)
      expect(answer.status).toBe(401)
      expect(JSON.parse(answer.bytes.toString())).toMatchObject({ refused: 'token-invalid' })
    },
  )

  test.each([
    ['no bot', '', 400, 'malformed'],
    ['an empty one', 'bot=', 400, 'malformed'],
    ['one that nobody has', 'bot=nobody', 409, 'bot-unknown'],
    ['one that shows no code', 'bot=xiaonan', 409, 'no-qrcode'],
  ])(
    'MG-7 a picture of %s is refused in JSON, and not as a success',
    async (_what, query, status, refused) => {
      const answer = await picture(query)
      expect({ status: answer.status, type: answer.type }).toEqual({
        status,
        type: 'application/json; charset=utf-8',
      })
      expect(JSON.parse(answer.bytes.toString())).toMatchObject({ ok: false, refused })
    },
  )

  test('MG-3 a bot of another workspace is unknown, and so is its code', async () => {
    const other = await house.anotherWorkspace()
    const { token: theirs } = await house.operate('issue-token', {
      workspace: other.workspaceId,
      realm: 'manage',
    })
    for (const verb of ['show-bot', 'login-bot'])
      expect(await manage(verb, { bot: waitingId }, theirs)).toMatchObject({
        status: 200,
        body: { ok: false, refused: 'bot-unknown' },
      })
    expect(await picture(`bot=${waitingId}`, `Bearer ${theirs}`)).toMatchObject({ status: 409 })
    expect((await manage('list-bots', {}, theirs)).body.value).toEqual({ live: true, bots: [] })
  })
})

describe('a login', () => {
  test('BOT-117 the code is told as text, with when it was given, and as a picture that says the same', async () => {
    const told = await login()
    expect(told).toMatchObject({ id: waitingId, state: 'awaiting-scan', account: null })
    expect(told.qrcode).toEqual({ text: shownCode(), givenAt: expect.any(Number), scan: 'waiting' })
    const answer = await picture('bot=xiaobei')
    expect({ status: answer.status, type: answer.type }).toEqual({ status: 200, type: 'image/png' })
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(scan(answer.bytes)).toBe(shownCode())
  })

  test('BOT-117 another code takes its place everywhere, as soon as the puppet tells of it', async () => {
    const { seen, qrcode } = await login()
    const waits = login({ seen, waitSeconds: 10 })
    house.world.takeScanStep(waiting.wxid, 'expired')
    expect((await waits).seen).not.toBe(seen)
    const fresh = await eventually('the fresh one', async () => {
      const told = await login()
      return told.qrcode?.scan === 'waiting' ? told.qrcode.text : null
    })
    expect(fresh).not.toBe(qrcode!.text)
    expect(scan((await picture(`bot=${waitingId}`)).bytes)).toBe(fresh)
  })

  test('BOT-117 a code that has timed out is told as such and served by nobody', async () => {
    const number = house.world.scans.get(waiting.wxid)!.number
    const tell = (status: 'expired' | 'waiting') => {
      house.world.scans.set(waiting.wxid, { number, status })
      house.world.tell({ type: 'scan', wxid: waiting.wxid })
    }
    tell('expired')
    const told = await eventually('its end', async () => {
      const { qrcode } = await login()
      return qrcode?.scan === 'timed-out' ? qrcode : null
    })
    expect(told.text).toBe('')
    const answer = await picture('bot=xiaobei')
    expect(answer.status).toBe(409)
    expect(JSON.parse(answer.bytes.toString())).toMatchObject({ refused: 'no-qrcode' })
    const { value } = (await manage('list-bots')).body
    const { bots } = operatorVerbs['list-bots'].output.parse(value)
    expect(bots.map(({ session }) => session.qrcode)).toEqual([null, null])
    tell('waiting')
    await eventually('the code again', async () => (await login()).qrcode?.text)
  })

  test('BOT-117 who waits is answered when there is news, and without news when his time is over', async () => {
    const { seen } = await login()
    expect((await login({ seen, waitSeconds: 1 })).seen).toBe(seen)
    const waits = login({ seen, waitSeconds: 10 })
    house.world.takeScanStep(waiting.wxid, 'scanned', shownCode())
    expect((await waits).qrcode).toMatchObject({ scan: 'scanned' })
    expect(await manage('login-bot', { bot: 'xiaobei', waitSeconds: 11 })).toMatchObject({ status: 400 })
  })

  test('BOT-117 who is online is told as whom, without a code', async () => {
    expect(await login({ bot: 'xiaonan' })).toMatchObject({
      state: 'online',
      account: { wxid: online.wxid, userId: 'xiaonan', nickName: '小南' },
      qrcode: null,
    })
  })
})

describe('what became of a bot', () => {
  test('BOT-118 each move is shown, newest first; the code is in none of them, nor in the list of bots of the store', async () => {
    house.world.takeScanStep(waiting.wxid, 'confirmed')
    await eventually('it is online', async () => (await login()).state === 'online')
    const shown = await eventually('its last move is kept', async () => {
      const answered = await manage('show-bot', { bot: waitingId, limit: 200 })
      const value = operatorVerbs['show-bot'].output.parse(answered.body.value)
      return value.moves[0]?.to === 'online' ? value : null
    })
    expect(shown).toMatchObject({ live: true, bot: { id: waitingId, session: { state: 'online' } } })
    const steps = shown.moves.toReversed().map(({ from, to, scan }) => [from, to, scan])
    expect(steps.slice(0, 2)).toEqual([
      ['new', 'connecting', null],
      ['connecting', 'awaiting-scan', 'waiting'],
    ])
    expect(steps.slice(-3)).toEqual([
      ['awaiting-scan', 'awaiting-scan', 'scanned'],
      ['awaiting-scan', 'awaiting-scan', 'confirmed'],
      ['awaiting-scan', 'online', null],
    ])
    expect(shown.moves.map(({ ordinal }) => ordinal)).toEqual(
      shown.moves.map((_, at) => shown.moves.length - at),
    )
    expect(shown.moves[0]).toMatchObject({ wxid: waiting.wxid, missed: 0 })
    expect(JSON.stringify(shown)).not.toContain('://login')
    expect((await manage('show-bot', { bot: waitingId, limit: 1 })).body.value).toMatchObject({
      moves: [{ to: 'online' }],
    })
  })

  test('BOT-106 moves are counted by where they came from and went', async () => {
    const { text } = await house.send('/metrics')
    expect(text).toContain('qunhub_bot_moves_total{from="awaiting-scan",to="online"} 1')
    expect(text).toContain('qunhub_bot_moves_total{from="new",to="connecting"} 2')
  })

  test('BOT-119 an operator logs a bot out, once: then it is not online; and the reason stands in its moves', async () => {
    expect(await house.operate('logout-bot', { workspace: house.workspaceId, bot: 'xiaonan' })).toEqual({
      id: onlineId,
    })
    expect(online.state).toBe('logged-out')
    await expect(
      house.operate('logout-bot', { workspace: house.workspaceId, bot: 'xiaonan' }),
    ).rejects.toThrow('logged-out')
    const last = await eventually('the move is kept', async () => {
      const shown = await house.operate('show-bot', { workspace: house.workspaceId, bot: onlineId })
      return shown.moves[0]?.to === 'logged-out' ? shown.moves[0] : null
    })
    expect(last.reason).toBe('an operator logged it out')
  })

  test('MG-5 the document describes the picture beside the verbs', async () => {
    const { body } = await house.send('/manage/openapi.json')
    expect((body as { paths: object }).paths).toMatchObject({
      [botQrcode.path]: {
        get: { parameters: [{ name: 'bot', in: 'query', required: true }], responses: { 200: {}, 409: {} } },
      },
    })
  })
})
