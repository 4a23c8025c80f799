/** Requests that act, asked so that nothing can come of them: refusals, what is malformed, content types, methods and paths. */
import { addMember, create, type Endpoint, endpoints, exit, type RefusalCode } from '@qunhub/wire'
import { says } from '../../show/report.ts'
import { type ApiCheck, asks, isBeside } from './api-check.ts'
import { type ApiGround, type Fields, requestFor } from './api-facts.ts'
import type { ApiAnswer } from './api-line.ts'
import { type Expectation, hold, malformed, refusal, statusOf, wordsOf } from './expectation.ts'
import { harmless, NO_ROOM } from './harmless-requests.ts'

const posts = [addMember, create, exit] as const
const BODY_TOO_LARGE_BYTES = 300 * 1024

const unknownBot = (endpoint: (typeof posts)[number]): Expectation =>
  refusal(endpoint, endpoint.refusals['bot-unknown'])

const nobodyActs = posts.map(endpoint =>
  asks(
    `${endpoint.name}-bot-unknown`,
    says(`${endpoint.name}: 没有这个账号`, `${endpoint.name}: an account that there is not`),
    ground => [{ answer: () => ground.asking(endpoint, harmless(endpoint)), expect: unknownBot(endpoint) }],
  ),
)

/** Real clients send these (G-1, G-5). */
const otherwiseSent: readonly ApiCheck[] = posts.flatMap(endpoint => [
  asks(
    `${endpoint.name}-content-types`,
    says(`${endpoint.name}: 写法不同的 Content-Type`, `${endpoint.name}: other ways to write Content-Type`),
    ground =>
      ["application/json;charset='utf-8'", 'application/json; charset=UTF-8'].map(contentType => ({
        answer: () => ground.asking(endpoint, harmless(endpoint), { 'content-type': contentType }),
        expect: unknownBot(endpoint),
      })),
  ),
  asks(
    `${endpoint.name}-extra-fields`,
    says(`${endpoint.name}: 不认识的字段`, `${endpoint.name}: fields that it does not know`),
    ground => [
      {
        answer: () => ground.asking(endpoint, { ...harmless(endpoint), newField: { deep: [1] } }),
        expect: unknownBot(endpoint),
      },
    ],
  ),
])

/** What is missing and what has another type, field by field; of a request that acts it must never be called done. */
const malformedPosts = posts.map((endpoint): ApiCheck => {
  const required = Object.keys(harmless(endpoint)).filter(field => field !== 'wxids')
  const spoiled: readonly (readonly [string, Fields])[] = required.flatMap(field => [
    [field, { ...harmless(endpoint), [field]: undefined }] as const,
    [field, { ...harmless(endpoint), [field]: 788 }] as const,
  ])
  return {
    check: `${endpoint.name}-malformed`,
    what: says(
      `${endpoint.name}: 缺少的、类型不对的字段`,
      `${endpoint.name}: fields that are missing, or of another type`,
    ),
    async look(ground) {
      for (const [field, fields] of spoiled) {
        const seen = holdMalformed(await ground.asking(endpoint, fields), malformed(endpoint, field))
        if (seen.verdict !== 'passed') return seen
      }
      return holdMalformed(
        await ground.ask({ ...requestFor(endpoint, {}), body: '{"token":' }),
        statusOf(400),
      )
    },
  }
})

/** How it is refused is ours; that it is refused is not. */
const holdMalformed = (answer: ApiAnswer, expectation: Expectation) =>
  hold(answer, expectation, answer.kind === 'answered' && wordsOf(answer.json).code === 0 ? 'page' : 'ours')

const tooLarge: ApiCheck = asks('too-large', says('300 KB 的请求体', 'a body of 300 KB'), ground => [
  {
    answer: () => ground.asking(exit, { ...harmless(exit), padding: 'x'.repeat(BODY_TOO_LARGE_BYTES) }),
    expect: statusOf(400, 413),
    strictness: 'ours',
  },
])

const methods: ApiCheck = asks('other-methods', says('别的方法', 'other methods'), ground =>
  endpoints
    .filter(endpoint => !isBeside(endpoint))
    .map(({ method, path }) => ({
      answer: () => ground.ask({ method: method === 'GET' ? 'DELETE' : 'GET', path }),
      expect: statusOf(404, 405),
      strictness: 'ours',
    })),
)

const paths: ApiCheck = asks('unknown-path', says('没有的路径', 'a path that there is not'), ground => [
  {
    answer: () => ground.ask({ method: 'GET', path: '/room/qunhubConform' }),
    expect: statusOf(404),
    strictness: 'ours',
  },
])

/** With an account that is online, and a room that nobody has. */
const unknownRoom = (endpoint: Endpoint, field: string, code: RefusalCode, more: Fields): ApiCheck =>
  asks(
    `${endpoint.name}-room-unknown`,
    says(`${endpoint.name}: 没有这个群`, `${endpoint.name}: a room that there is not`),
    ground => {
      const bot = actingBot(ground)
      if (bot === undefined) return noBot
      const fields = { ...more, [field]: bot, roomWxid: NO_ROOM }
      return [{ answer: () => ground.asking(endpoint, fields), expect: refusal(endpoint, code) }]
    },
  )

/** The account itself: whatever a server makes of it, nobody enters a room by it. */
const alreadyIn: ApiCheck = asks(
  'addMember-already-member',
  says('addMember: 已在群里的人', 'addMember: somebody who is in the room already'),
  ground => {
    const botUserId = actingBot(ground)
    const room = ground.rows.find(({ external, botInfo }) => external && botInfo.weixin === botUserId)
    if (!botUserId || !room) return noBot
    const fields = { botUserId, contactWxid: room.botInfo.wxid, roomWxid: room.wxid }
    return [
      {
        answer: () => ground.asking(addMember, fields),
        expect: refusal(addMember, addMember.refusals['already-member']),
      },
    ]
  },
)

/** One that is online, and whose userId is its own; undefined where nobody says so. */
function actingBot({ choice, bots }: ApiGround): string | undefined {
  if (choice.bot !== undefined) return choice.bot
  return bots.find(
    ({ online, wecomUserId }) =>
      online && wecomUserId !== '' && bots.filter(other => other.wecomUserId === wecomUserId).length === 1,
  )?.wecomUserId
}

const noBot = says(
  '不知道哪个账号在线, 或它没有外部群: 用 --bot 指明',
  'it is not known which account is online, or it is in no external room: name one by --bot',
)

export const requestChecks: readonly ApiCheck[] = [
  ...[...nobodyActs, ...otherwiseSent, ...malformedPosts],
  ...[tooLarge, methods, paths],
  unknownRoom(addMember, 'botUserId', addMember.refusals['room-load-failed'], {
    contactWxid: '7880000000000001',
  }),
  unknownRoom(exit, 'wecomUserId', exit.refusals['room-unknown'], {}),
  alreadyIn,
]
