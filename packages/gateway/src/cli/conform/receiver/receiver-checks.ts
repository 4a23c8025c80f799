/** What a receiver has to take and what it has to refuse; how it behaves beside that is in `receiver-conduct.ts`. */
import { type CallbackKind, callbacks } from '@qunhub/wire'
import { type SampleFacts, sampleBody } from '@qunhub/wire/sample-bodies'
import { MINUTE_MS } from '../../../system/clock.ts'
import { says } from '../../show/report.ts'
import { accepts, type ReceiverCheck, refuses } from './receiver-check.ts'
import type { Letter, LetterOptions, ReceiverLine } from './receiver-line.ts'

/** Twice what receivers are told to allow. */
const TOO_FAR_MS = 10 * MINUTE_MS
/** A full room has 143 KB; members of a room with long names make it larger. */
const FULL_ROOM: Omit<SampleFacts, 'at'> = { members: 500, nickName: '张三丰（客户成功部）' }
/** Nobody's: 32 bytes that are as good as any. */
const OTHER_SECRET = `whsec_${Buffer.alloc(32, 0x71).toString('base64')}`

/** One of a kind, as it should be. */
export function goodLetter(
  line: ReceiverLine,
  facts: Omit<SampleFacts, 'at'> = {},
  options: LetterOptions = {},
  kind: CallbackKind = 'chatroom/loaded',
): Letter {
  const body = sampleBody(kind, { ...facts, at: line.target.clock.now() })
  return line.write(`/${kind}`, JSON.stringify(body), options)
}

export const eachKind: readonly ReceiverCheck[] = callbacks.map(({ kind }) =>
  accepts(`good-${kind.replace('/', '-')}`, says(`正常的 ${kind}`, `a good ${kind}`), line =>
    goodLetter(line, { topic: `qunhub conform: ${kind}` }, {}, kind),
  ),
)

export const takes = (secrets: number): readonly ReceiverCheck[] => [
  accepts(
    'unknown-kind',
    says('不认识的种类', 'a kind it does not know'),
    line => line.write('/room/sealed', JSON.stringify({ chatId: 'c', topic: 'qunhub conform' })),
    says(
      '新的种类会出现: 不认识的也答 2xx, 否则会被重试并停放',
      'new kinds will come: answer 2xx to what you do not know, or it is sent again and parked',
    ),
  ),
  accepts(
    'extra-fields',
    says('不认识的字段', 'fields it does not know'),
    line => {
      const body = sampleBody('chatroom/loaded', { at: line.target.clock.now() }) as object
      return line.write('/chatroom/loaded', JSON.stringify({ ...body, newField: { deep: [1, null] } }))
    },
    says('字段会增加: 忽略不认识的字段', 'fields will be added: ignore those that you do not know'),
  ),
  accepts('scripts', says('表情、从右到左的名字', 'emoji and right-to-left names'), line =>
    goodLetter(line, { topic: '👩‍👩‍👧 群 مجموعة \u202Eabc "引号" \\ 𠮷\n', nickName: 'علي 🏮 O’Brien ' }),
  ),
  accepts('nobody-inside', says('没有成员、没有名称的群', 'a room without members and name'), line =>
    goodLetter(line, { topic: '', members: 0 }),
  ),
  accepts(
    'raw-bytes',
    says('另一种写法的 JSON', 'JSON that is written otherwise'),
    line => {
      const body = JSON.stringify(sampleBody('chatroom/loaded', { at: line.target.clock.now() }), null, 2)
      return line.write('/chatroom/loaded', body.replace('一致性', String.raw`\u4e00致性`))
    },
    says(
      '对收到的原始字节验签: 解析后再序列化的 JSON 已不是那些字节',
      'verify the bytes as they came: JSON that was parsed and written again has other bytes',
    ),
  ),
  accepts('full-room', says('150 KB 的群', 'a room of 150 KB'), line => goodLetter(line, FULL_ROOM)),
  accepts(
    'two-signatures',
    says('一个头里两个签名 (换密钥)', 'two signatures in one header (rotation)'),
    line => goodLetter(line, {}, { secrets: [OTHER_SECRET, line.target.secrets[0]] }),
    says(
      '换密钥期间头里有多个签名, 用空格分开: 任一个相符即可',
      'while a secret is replaced there are several signatures, with spaces between: any of them will do',
    ),
  ),
  accepts(
    'newer-signature',
    says('另一种签名在旁边', 'a signature of another version beside it'),
    line => {
      const letter = goodLetter(line)
      return withHeader(letter, 'webhook-signature', `v2,bm90LW91cnM= ${signatureOf(letter)}`)
    },
    says('不认识的版本跳过, 看其余的签名', 'pass over versions that you do not know and look at the others'),
  ),
  ...Array.from({ length: secrets - 1 }, (_, n) =>
    accepts(
      `secret-${n + 2}`,
      says(`只用第 ${n + 2} 个密钥签名`, `signed with secret ${n + 2} alone`),
      line => goodLetter(line, {}, { secrets: [line.target.secrets[n + 1]!] }),
      says('接收方应当认每一个给出的密钥', 'the receiver should know each of the secrets that were given'),
    ),
  ),
  accepts(
    'slow-clock',
    says('时钟差一分钟', 'a clock that is off by a minute'),
    line => goodLetter(line, {}, { offMs: -MINUTE_MS }),
    says('时间戳允许差 5 分钟', 'allow timestamps to be off by 5 minutes'),
  ),
]

export const refusals: readonly ReceiverCheck[] = [
  refuses('wrong-secret', says('别的密钥签的', 'signed with another secret'), line =>
    goodLetter(line, {}, { secrets: [OTHER_SECRET] }),
  ),
  refuses('empty-secret', says('空密钥签的', 'signed with an empty secret'), line =>
    goodLetter(line, {}, { secrets: ['whsec_'] }),
  ),
  refuses('tampered-body', says('请求体被改过', 'a body that was changed'), line => {
    const letter = goodLetter(line)
    return {
      ...letter,
      body: Buffer.from(letter.body.toString().replace('qunhub conform', 'qunhub tampered')),
    }
  }),
  refuses('other-id', says('webhook-id 被换过', 'another webhook-id'), line =>
    withHeader(goodLetter(line), 'webhook-id', goodLetter(line).webhookId),
  ),
  refuses('new-timestamp', says('旧签名配新时间戳', 'an old signature with a new timestamp'), line =>
    withHeader(
      goodLetter(line, {}, { offMs: -TOO_FAR_MS }),
      'webhook-timestamp',
      String(Math.floor(line.target.clock.now() / 1000)),
    ),
  ),
  refuses('old', says('10 分钟前签的 (重放)', 'signed 10 minutes ago (a replay)'), line =>
    goodLetter(line, {}, { offMs: -TOO_FAR_MS }),
  ),
  refuses('future', says('10 分钟后签的', 'signed 10 minutes from now'), line =>
    goodLetter(line, {}, { offMs: TOO_FAR_MS }),
  ),
  ...(['webhook-signature', 'webhook-id', 'webhook-timestamp'] as const).map(name =>
    refuses(`no-${name}`, says(`缺少 ${name}`, `without ${name}`), line => {
      const { [name]: _, ...headers } = goodLetter(line).headers
      return { ...goodLetter(line), headers }
    }),
  ),
  refuses('garbled-signature', says('签名是乱码', 'a signature that is none'), line =>
    withHeader(goodLetter(line), 'webhook-signature', 'v1 ,,=!*'),
  ),
]

const signatureOf = ({ headers }: Letter): string => headers['webhook-signature']!

const withHeader = (letter: Letter, name: string, value: string): Letter => ({
  ...letter,
  headers: { ...letter.headers, [name]: value },
})
