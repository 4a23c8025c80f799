/** How a receiver behaves: callbacks that come twice, other methods, connections, and how long it takes. */
import type { Outcome } from '../../../callback/outcome.ts'
import { SECOND_MS } from '../../../system/clock.ts'
import { says } from '../../show/report.ts'
import type { Seen } from '../run-checks.ts'
import { answerWords, isAccepted, whyNotAccepted } from './answer-words.ts'
import { accepted, type ReceiverCheck } from './receiver-check.ts'
import { goodLetter } from './receiver-checks.ts'

/** The gateway waits for 5 s; half of it is little to spare on a bad day. */
const SLOW_MS = 2.5 * SECOND_MS
const KEPT_POSTS = 3

const twice: ReceiverCheck = {
  check: 'twice',
  what: says('同一个 webhook-id 两次', 'the same webhook-id twice'),
  async look(line) {
    const letter = goodLetter(line, { topic: 'qunhub conform: twice' })
    const outcomes = [await line.post(letter), await line.post(letter)]
    const next = says(
      '重复的回调也答 2xx: 它已经处理过, 答别的会再来',
      'answer 2xx to a duplicate: it was handled already, and anything else brings it again',
    )
    return worst(outcomes, next)
  },
}

const atOnce: ReceiverCheck = {
  check: 'twice-at-once',
  what: says('同一个 webhook-id 两个同时', 'the same webhook-id twice at once'),
  async look(line) {
    const letter = goodLetter(line, { topic: 'qunhub conform: twice at once' })
    const both = await Promise.all([line.post(letter), line.post(letter)])
    // Whoever is busy with the one may send the other away; afterwards it is handled, and so is answered 2xx.
    const broken = both.find(({ kind }) => kind === 'failed')
    return broken ? accepted(broken) : worst([await line.post(letter)])
  },
}

/** What a stranger cannot see is said, so that nobody takes a green report for more than it is. */
const handledOnce: ReceiverCheck = {
  check: 'handled-once',
  what: says('重复的只处理一次', 'a duplicate is handled once'),
  look: async () => ({
    verdict: 'unseen',
    seen: says('从外面看不到接收方做了什么', 'what a receiver does cannot be seen from outside'),
    next: says(
      '看它的日志: 群名 qunhub conform: twice 与 twice at once 应各出现一次; 按 webhook-id 去重',
      'look at its log: the rooms “qunhub conform: twice” and “twice at once” should stand there once each; know duplicates by their webhook-id',
    ),
  }),
}

const method: ReceiverCheck = {
  check: 'other-method',
  what: says('GET 不是回调', 'GET is no callback'),
  async look(line) {
    const outcome = await line.get('/chatroom/loaded')
    const isTaken = outcome.kind !== 'answered' || outcome.status < 400 || outcome.status >= 500
    const next = says('POST 之外请答 405', 'answer 405 to whatever is no POST')
    const seen = answerWords(outcome)
    return isTaken ? { verdict: 'warned', seen, next } : { verdict: 'passed', seen }
  },
}

const keptAlive: ReceiverCheck = {
  check: 'kept-alive',
  what: says('一个连接上接连几个', 'several on one connection'),
  async look(line) {
    const before = line.connections()
    const outcomes: Outcome[] = []
    for (let n = 0; n < KEPT_POSTS; n++) outcomes.push(line.noteGood(await line.post(goodLetter(line))))
    const made = line.connections() - before
    const seen = worst(outcomes)
    if (seen.verdict !== 'passed') return seen
    const words = says(
      `${KEPT_POSTS} 个回调, 新建了 ${made} 个连接`,
      `${KEPT_POSTS} callbacks, ${made} connections made`,
    )
    return { verdict: 'passed', seen: words }
  },
}

/** Who refuses a large body without reading it leaves its rest in front of the next request, unless the connection is closed. */
const behindRefused: ReceiverCheck = {
  check: 'behind-a-refused-one',
  what: says('拒绝大的之后接着一个正常的', 'a good one behind a large one that is refused'),
  async look(line) {
    const { headers, ...large } = goodLetter(line, { members: 500 })
    await line.post({ ...large, headers: { ...headers, 'webhook-signature': 'v1,AAAA' } })
    const outcome = line.noteGood(await line.post(goodLetter(line)))
    const next = says(
      '拒绝时读完请求体, 或答 Connection: close',
      'read the body that you refuse to its end, or answer Connection: close',
    )
    return accepted(outcome, next)
  },
}

const afresh: ReceiverCheck = {
  check: 'fresh-connection',
  what: says('新的连接', 'a fresh connection'),
  look: async line => accepted(line.noteGood(await line.postAfresh(goodLetter(line)))),
}

const speed: ReceiverCheck = {
  check: 'speed',
  what: says('答得多快', 'how fast it answers'),
  async look({ tookMs }) {
    const sorted = [...tookMs].sort((one, other) => one - other)
    const [median, slowest] = [sorted[Math.floor(sorted.length / 2)] ?? 0, sorted.at(-1) ?? 0]
    const seen = says(
      `${sorted.length} 个: 中位 ${median} ms, 最慢 ${slowest} ms`,
      `of ${sorted.length}: median ${median} ms, slowest ${slowest} ms`,
    )
    const next = says(
      '网关只等 5 秒, 慢的会被重发: 先答 2xx, 慢的事之后做',
      'the gateway waits for 5 s and sends again what was slow: answer 2xx first and do the slow part afterwards',
    )
    if (sorted.length === 0) return { verdict: 'skipped', seen }
    return slowest > SLOW_MS ? { verdict: 'warned', seen, next } : { verdict: 'passed', seen }
  },
}

const encrypted: ReceiverCheck = {
  check: 'encrypted',
  what: says('路上加密', 'encrypted on the way'),
  async look({ target: { url } }) {
    const seen = says(url.protocol, url.protocol)
    if (url.protocol === 'https:' || isHere(url)) return { verdict: 'passed', seen }
    const next = says(
      '公网上请用 https: 群名与成员是个人信息',
      'use https over public networks: rooms and members are personal data',
    )
    return { verdict: 'warned', seen, next }
  },
}

export const conduct: readonly ReceiverCheck[] = [
  ...[twice, atOnce, handledOnce],
  ...[method, keptAlive, behindRefused, afresh, speed, encrypted],
]

/** All have to be taken; told is the first that was not, or the last. */
function worst(outcomes: readonly Outcome[], next = whyNotAccepted(outcomes.at(-1)!)): Seen {
  const told = outcomes.find(outcome => !isAccepted(outcome)) ?? outcomes.at(-1)!
  return isAccepted(told) ? accepted(told) : { ...accepted(told), next }
}

const isHere = ({ hostname }: URL): boolean => /^(localhost|127\.|\[::1\])/.test(hostname)
