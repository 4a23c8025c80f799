import { puppet } from '@juzi/wechaty-grpc'
import { expect, test } from 'vitest'
import { seededRandom } from '../store/contract/scene.contract.ts'
import { PayloadReader } from './payload-reader.ts'
import { PuppetExcess, PuppetRefused } from './puppet-failures.ts'

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e6))
const random = seededRandom(SEED)
const below = (n: number): number => Math.floor(random.fraction() * n)
const some = <T>(of: readonly T[]): T => of[below(of.length)]!
const many = <T>(max: number, make: () => T): T[] => Array.from({ length: below(max) }, make)

interface Message {
  serializeBinary(): Uint8Array
  toObject(): object
}
interface MessageClass {
  new (): Message
  deserializeBinary(bytes: Uint8Array): Message
  deserializeBinaryFromReader(message: Message, reader: PayloadReader): Message
}
const classes = puppet as unknown as Record<string, MessageClass>

const anyText = () =>
  some([
    '',
    'a',
    '\0',
    '群昵称',
    'é',
    '𠮷😀',
    '\uFEFFa',
    '\uFFFD',
    'x'.repeat(127),
    'x'.repeat(128),
    '群'.repeat(below(9000)),
  ])

/** With anything that its setters take, and nothing where chance says so. */
function anyOf(name: string): Message {
  const message = new classes[name]!() as Message & Record<string, (value: unknown) => void>
  const fields = message.toObject()
  for (const [field, before] of Object.entries(fields)) {
    const set = `set${field[0]!.toUpperCase()}${field.slice(1)}`
    if (below(4) === 0) continue
    if (field.endsWith('PayloadsList')) {
      const inner = name.replace('Batch', '')
      message[set]!(many(20, () => anyOf(inner)))
    } else if (Array.isArray(before)) message[set]!(many(40, anyText))
    else if (typeof before === 'string') message[set]!(anyText())
    else if (typeof before === 'boolean') message[set]!(below(2) === 0)
    else if (field === 'joinTime')
      message[set]!(some([0, 1_700_000_000, -1.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]))
    else message[set]!(some([0, 1, 3, 127, 128, 2 ** 31 - 1, -1, -(2 ** 31)]))
  }
  return message
}

/** Of each kind: a varint of ten bytes, eight bytes, a text, four bytes. No message has a field 1,000. */
const unknownFields = [
  [0xc0, 0x3e, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
  [0xc1, 0x3e, 1, 2, 3, 4, 5, 6, 7, 8],
  [0xc2, 0x3e, 3, 0x0a, 255, 1],
  [0xc5, 0x3e, 1, 2, 3, 4],
]
const READ = [
  'BatchContactPayloadResponse',
  'BatchRoomMemberPayloadResponse',
  'ContactPayloadResponse',
  'RoomMemberPayloadResponse',
  'ContactListResponse',
  'RoomListResponse',
  'RoomMemberListResponse',
]
const read = (name: string, bytes: Uint8Array): object => {
  const Answer = classes[name]!
  return Answer.deserializeBinaryFromReader(new Answer(), new PayloadReader(Buffer.from(bytes))).toObject()
}
const orFailure = <T>(reading: () => T): T | 'failure' => {
  try {
    return reading()
  } catch (failure) {
    expect(failure).toBeInstanceOf(Error)
    return 'failure'
  }
}

test.each(READ)(`BOT-285 a %s is read as the protocol's own code reads it (SEED=${SEED})`, name => {
  for (let n = 0; n < 100; n++) {
    const bytes = Buffer.concat([
      Buffer.from(below(2) === 0 ? some(unknownFields) : []),
      anyOf(name).serializeBinary(),
      Buffer.from(below(2) === 0 ? some(unknownFields) : []),
      anyOf(name).serializeBinary(),
    ])
    expect(read(name, bytes)).toEqual(classes[name]!.deserializeBinary(bytes).toObject())
  }
})

test.each(READ)(`BOT-285 a %s that ends early is refused where that code refuses it (SEED=${SEED})`, name => {
  for (let n = 0; n < 200; n++) {
    const whole = Buffer.concat([anyOf(name).serializeBinary(), Buffer.from(some(unknownFields))])
    const bytes = whole.subarray(0, whole.length - 1 - below(Math.min(whole.length, 300)))
    const theirs = orFailure(() => classes[name]!.deserializeBinary(bytes).toObject())
    expect(orFailure(() => read(name, bytes))).toEqual(theirs)
  }
})

test.each([
  ['a field of another kind', [0x08, 5]],
  ['a group', [0x0b, 0x0c]],
  ['a kind that there is not', [0x0e, 5]],
  ['a number without an end', [0x0a, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]],
  ['a length of four billions', [0x0a, 255, 255, 255, 255, 15, 65]],
  ['a length of 2^32 and one', [0x0a, 0x81, 0x80, 0x80, 0x80, 0x10, 65]],
  ['a length of 2^63 and one', [0x0a, 0x81, ...Array(8).fill(0x80), 1, 65]],
  ['a field 2^29 and one', [0x8a, 0x80, 0x80, 0x80, 0x10, 1, 65]],
  ['a field that there is not, of 2^32 bytes', [0xc2, 0x3e, 0x80, 0x80, 0x80, 0x80, 0x10]],
  ['a text beyond the end of its message', [0x0a, 5, 65]],
])('BOT-285 %s is refused', (_, bytes) => {
  expect(() =>
    read(
      'BatchContactPayloadResponse',
      Uint8Array.from([0x0a, bytes.length, ...bytes, 0x0a, 3, 0x0a, 1, 66]),
    ),
  ).toThrow(PuppetRefused)
})

test.each([
  ['the last field that there may be', [0xf8, 255, 255, 255, 15, 1]],
  ['a length with zeros behind it', [0x0a, 0x81, ...Array(8).fill(0x80), 0, 65]],
])('BOT-285 %s is read, as that code reads it', (_, bytes) => {
  const answer = Uint8Array.from([...bytes, 0x12, 1, 66])
  const theirs = classes['RoomMemberPayloadResponse']!.deserializeBinary(answer).toObject()
  expect(theirs).toMatchObject({ roomAlias: 'B' })
  expect(read('RoomMemberPayloadResponse', answer)).toEqual(theirs)
})

const ENUMS = new Set(['gender', 'type', 'joinScene'])

test(`BOT-285 of broken bytes nothing is made that the protocol's own code does not make (SEED=${SEED})`, () => {
  // An enum beyond 32 bits is a number of 64 there, and its lower bits are one of ours; the upper floors know neither.
  const said = (message: object) =>
    JSON.stringify(message, (key, value) => (ENUMS.has(key) ? undefined : value))
  for (const name of READ) {
    let compared = 0
    for (let n = 0; compared < 20 && n < 2000; n++) {
      const bytes = Buffer.concat([anyOf(name).serializeBinary(), Buffer.from(some(unknownFields))])
      if (bytes.includes('\uFFFD')) continue
      // Most of what is no text stands in front.
      const broken = Buffer.from(bytes)
      broken[below(Math.min(bytes.length, some([40, 400, 40_000])))]! ^= 1 << below(8)
      const ours = orFailure(() => read(name, broken))
      if (ours === 'failure' || JSON.stringify(ours).includes('\uFFFD')) continue
      const theirs = orFailure(() => classes[name]!.deserializeBinary(broken).toObject())
      expect(said(ours), broken.toString('hex')).toBe(theirs === 'failure' ? theirs : said(theirs))
      compared++
    }
    expect(compared, name).toBe(20)
  }
})

test(`BOT-285 whatever the bytes are, reading them ends (SEED=${SEED})`, () => {
  for (let n = 0; n < 2000; n++) for (const name of READ) orFailure(() => read(name, random.bytes(below(60))))
})

test('BOT-285 what is no UTF-8 is U+FFFD, and the rest is read', () => {
  const bytes = Uint8Array.from([0x0a, 4, 65, 255, 0xc3, 66, 0x12, 1, 67])
  expect(read('RoomMemberPayloadResponse', bytes)).toMatchObject({ id: 'A\uFFFD\uFFFDB', roomAlias: 'C' })
})

test.each([0, 1, 127, 128, 1000])('BOT-231 a message of %i fields is read, one of more is not', count => {
  const fields = (max: number) => {
    const reader = new PayloadReader(
      Buffer.concat(Array.from({ length: count }, () => Buffer.from([0x0a, 3, 0x0a, 1, 65]))),
      max,
    )
    const batch = new puppet.BatchContactPayloadResponse()
    classes['BatchContactPayloadResponse']!.deserializeBinaryFromReader(batch as unknown as Message, reader)
    return batch.getContactPayloadsList().length
  }
  expect(fields(count)).toBe(count)
  if (count > 0) expect(() => fields(count - 1)).toThrow(PuppetExcess)
})
