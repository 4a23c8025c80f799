/**
 * Examines a receiver, for a person who waits: the way there, then tests that are no events (CB-20), as a bad day would send them:
 * one that nobody signed, a signed one, the same once more, and an older one behind a newer one. It goes on as long as the next
 * step can say anything.
 */
import type { StepRecord, WorkspaceId } from '@qunhub/wire'
import { failureWords, isTaken, receiverAdvice } from '@qunhub/wire/words'
import type { AddressGuard } from '../model/address-guard.ts'
import type { ExamineReceiver, Receiver } from '../model/receiver.ts'
import { failed, isFailed, passed, type WayWords, wayStepsOf } from '../model/way-steps.ts'
import { newWebhookId } from '../model/webhook-id.ts'
import { type Clock, MINUTE_MS, SECOND_MS } from '../system/clock.ts'
import type { Random } from '../system/random.ts'
import { reach } from '../system/reach.ts'
import { openDeliverer } from './deliver.ts'
import type { Outcome } from './outcome.ts'
import { type TestMessage, testPost } from './test-post.ts'

/** Each holds a connection for as long as the receiver takes. */
const EXAMINATIONS_AT_ONCE_MAX = 4
/** Addresses that take longer share half of what may be in flight (CB-10). */
const SLOW_MS = SECOND_MS

export interface ExamineDeps {
  readonly clock: Clock
  readonly random: Random
  /** Whom callbacks may go to (CB-11). */
  readonly guard: AddressGuard
  readonly ca?: string | undefined
}

export function createExaminer(deps: ExamineDeps): ExamineReceiver {
  const underWay = new Set<WorkspaceId>()
  return async receiver => {
    const { workspaceId } = receiver
    if (underWay.has(workspaceId) || underWay.size >= EXAMINATIONS_AT_ONCE_MAX) return null
    underWay.add(workspaceId)
    return examine(receiver, deps).finally(() => underWay.delete(workspaceId))
  }
}

async function examine(receiver: Receiver, deps: ExamineDeps): Promise<StepRecord[]> {
  const { guard, ca, clock, random } = deps
  const way = wayStepsOf(await reach(new URL(receiver.baseUrl), { guard, ca, clock }), WAY_WORDS, clock.now())
  if (way.some(isFailed)) return way
  const deliverer = openDeliverer(deps)
  const newId = () => newWebhookId(clock.now(), random)
  const post = (how: Pick<TestMessage, 'id' | 'olderByMs'>, secrets = receiver.secrets) => {
    const { post } = testPost({ ...receiver, secrets }, { at: clock.now(), message: MESSAGE, ...how })
    return deliverer.deliver(post)
  }
  try {
    const unsigned = unsignedStep(await post({ id: newId() }, []))
    if (receiver.secrets.length === 0) return [...way, unsigned, NO_SECRET]
    const id = newId()
    const first = await post({ id })
    const signed = [...way, unsigned, takenStep('signed', first, '收下了签名的测试 / took a signed test')]
    if (!isWell(first)) return signed
    const duplicate = takenStep('duplicate', await post({ id }), '同一条再来也收下 / took the same one again')
    await post({ id: newId() })
    const older = await post({ id: newId(), olderByMs: MINUTE_MS })
    const order = takenStep('order', older, '较旧的后到也收下 / took an older one that came later')
    return [...signed, latencyStep(first.ms), duplicate, order]
  } finally {
    await deliverer.close()
  }
}

const MESSAGE = '这是检查接收方的测试, 不是事件 / a test of the receiver, and no event'

const isWell = (outcome: Outcome): boolean => outcome.kind === 'answered' && isTaken(outcome)

/** Who takes what nobody signed takes what anybody makes up. */
function unsignedStep(outcome: Outcome): StepRecord {
  const { ms } = outcome
  if (outcome.kind === 'failed') return failed('unsigned', ms, whyNot(outcome))
  const { status } = outcome
  if (isTaken({ status }))
    return failed(
      'unsigned',
      ms,
      `HTTP ${status}: 它没有验签, 谁都能伪造回调; 按 webhook-signature 验签, 不对的答 401 / it does not verify, so that anybody may forge callbacks: verify webhook-signature, and answer 401 to what is wrong`,
    )
  if (status === 404 || status >= 500)
    return { step: 'unsigned', verdict: 'unseen', ms, said: `HTTP ${status}: ${whyNot(outcome)}` }
  return passed('unsigned', ms, `HTTP ${status}: 拒绝了没有签名的 / refused what nobody signed`)
}

const takenStep = (step: string, outcome: Outcome, said: string): StepRecord =>
  isWell(outcome) ? passed(step, outcome.ms, said) : failed(step, outcome.ms, whyNot(outcome))

const latencyStep = (ms: number): StepRecord =>
  ms < SLOW_MS
    ? passed('latency', ms, '1 秒以内 / within 1 s')
    : {
        ...{ step: 'latency', verdict: 'warned', ms },
        said: '超过 1 秒: 先答 2xx, 再处理; 慢的地址少分到并发, 5 秒算失败 / more than 1 s: answer 2xx first and work afterwards; slow addresses get fewer at once, and 5 s are a failure',
      }

function whyNot(outcome: Outcome): string {
  if (outcome.kind === 'answered')
    return receiverAdvice({ status: outcome.status, errorClass: null }) ?? `HTTP ${outcome.status}`
  const { reason, errorClass } = outcome
  return reason === undefined
    ? (receiverAdvice({ status: null, errorClass }) ?? errorClass)
    : failureWords(reason)
}

const NO_SECRET: StepRecord = {
  ...{ step: 'signed', verdict: 'unseen', ms: 0 },
  said: '还没有签名密钥: 地址保存后才有, 到时再检查一次 / there is no signing secret before an address is set: examine it again then',
}

const WAY_WORDS: WayWords = {
  reserved:
    '在内网或保留地址上, 回调不会访问: 确有需要时设置 QUNHUB_CALLBACK_ALLOW_CIDRS 并重启 / it is at a private or reserved address, and callbacks do not go there: where it is meant, set QUNHUB_CALLBACK_ALLOW_CIDRS and restart',
  unreachable:
    '连不上: 接收方在运行吗? 端口与防火墙放行吗? / no connection: does the receiver run, and do port and firewall let us in?',
}
