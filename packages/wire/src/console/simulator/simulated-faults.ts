/** What may be made to go wrong in the demo: each with what the next call will answer, or what will be seen instead. */
import type { BothLanguages } from '../../complaint.ts'

export interface SimulatedFault {
  /** The puppet's call, or its events or stream, and how it fails; as the simulator's control API has them. */
  readonly on: string
  readonly mode: string
  /** It lasts until it is cleared and cannot be counted. */
  readonly lasting?: true
  /** What the next call of an endpoint will be answered: a refusal, or `done`. Null where what happens is no answer. */
  readonly answers: { readonly path: string; readonly word: string } | null
  readonly what: BothLanguages
  /** What comes of it. */
  readonly seen: BothLanguages
}

/** Keeps the names while checking the shape. */
const faults = <const F extends Readonly<Record<string, SimulatedFault>>>(declared: F): F => declared

export const simulatedFaults = faults({
  'add-refused': {
    on: 'roomAdd',
    mode: 'refuse',
    answers: { path: '/room/addMember', word: 'add-failed' },
    what: { chinese: '企业微信不让拉人', english: 'WeCom adds nobody' },
    seen: { chinese: '拉人答 -7，群里没有多人。', english: 'addMember is answered -7; nobody was added.' },
  },
  'add-unheard': {
    on: 'roomAdd',
    mode: 'done-but-timeout',
    answers: { path: '/room/addMember', word: 'done' },
    what: { chinese: '拉进去了，但应答丢了', english: 'Somebody is added, and the answer is lost' },
    seen: {
      chinese: '网关等到超时再去群里看，人在就答 0。',
      english: 'The gateway waits in vain, looks into the room, finds the member, and answers 0.',
    },
  },
  'create-refused': {
    on: 'roomCreate',
    mode: 'refuse',
    answers: { path: '/room/create', word: 'create-failed' },
    what: { chinese: '企业微信不让建群', english: 'WeCom makes no room' },
    seen: { chinese: '建群答 -9。', english: 'create is answered -9.' },
  },
  'exit-not-done': {
    on: 'roomQuit',
    mode: 'done-but-not',
    answers: { path: '/room/exit', word: 'exit-failed' },
    what: { chinese: '说是退了群，其实没退', english: 'The account is said to have left, and has not' },
    seen: {
      chinese: '网关不信，看了群名单后答 -10。',
      english: 'The gateway looks at the list of the room, and answers -10.',
    },
  },
  'room-unreadable': {
    on: 'roomPayload',
    mode: 'refuse',
    answers: { path: '/room/addMember', word: 'room-load-failed' },
    what: { chinese: '群资料读不出来', english: 'Rooms cannot be read' },
    seen: { chinese: '拉人答 -6。', english: 'addMember is answered -6.' },
  },
  'events-lost': {
    on: 'events',
    mode: 'drop',
    answers: null,
    what: { chinese: '事件丢失', english: 'Events are lost' },
    seen: {
      chinese: '入群、退群没有马上回调；下次核对时补上。',
      english: 'Who joins or leaves is not told of at once; the next reconcile finds it.',
    },
  },
  'events-twice': {
    on: 'events',
    mode: 'duplicate',
    answers: null,
    what: { chinese: '事件来两次', english: 'Events come twice' },
    seen: { chinese: '仍然只欠一次回调。', english: 'One callback is owed all the same.' },
  },
  'stream-silent': {
    on: 'stream',
    mode: 'freeze',
    lasting: true,
    answers: null,
    what: { chinese: '连着，但什么都不发', english: 'It is connected, and says nothing' },
    seen: {
      chinese: '账号显示“听不到”，网关重连；清除故障后恢复。',
      english: 'The bot is shown as deaf and the gateway connects again; it hears when the fault is cleared.',
    },
  },
})
