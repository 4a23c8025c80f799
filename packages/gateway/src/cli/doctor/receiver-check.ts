/**
 * A receiver, as a callback would meet it: the way there, then a test that nobody signed, which it should refuse, and a signed one,
 * which it should take (CB-20). Neither is an event of a room.
 */
import { operatorVerbs, type WorkspaceId, type WorkspaceRecord } from '@qunhub/wire'
import { failureWords, isTaken, receiverAdvice } from '@qunhub/wire/words'
import { openDeliverer } from '../../callback/deliver.ts'
import type { Outcome } from '../../callback/outcome.ts'
import { testPost } from '../../callback/test-post.ts'
import type { Config } from '../../config/config.ts'
import { createAddressGuard } from '../../model/address-guard.ts'
import { resolveName } from '../../model/resolve-name.ts'
import { newWebhookId } from '../../model/webhook-id.ts'
import { SECOND_MS, systemClock } from '../../system/clock.ts'
import { systemRandom } from '../../system/random.ts'
import { reach } from '../../system/reach.ts'
import { ask } from '../ask.ts'
import type { Shell } from '../shell.ts'
import type { LongWork } from '../show/long-work.ts'
import { type Finding, says } from '../show/report.ts'
import { ANSWER_MAX_MS, apart, failureSeen, finding } from './say.ts'
import { wayFindings } from './way-findings.ts'

/** Addresses that take longer share half of what may be in flight (CB-10). */
const SLOW_MS = SECOND_MS

const UNSIGNED = says('没有签名的请求', 'a request without a signature')
const SIGNED = says('签名的请求', 'a signed request')
const LATENCY = says('应答时间', 'time to answer')

export interface ReceiverAsked {
  /** Without user and password. */
  readonly url: string
  /** What else it wants to see. */
  readonly header: { readonly name: string; readonly value: string } | null
  /** Whatever signs; none where nobody gave one. */
  readonly secrets: readonly string[]
}

export async function lookAtReceiver(
  config: Config,
  asked: ReceiverAsked,
  env: Shell['env'],
  work: LongWork,
): Promise<Finding[]> {
  const guard = createAddressGuard(config.callbackAllowCidrs, resolveName)
  const deps = { guard, ca: config.callbackCa, clock: systemClock }
  const url = new URL(asked.url)
  work.now('连接接收方 reaching the receiver')
  const way = wayFindings(await reach(url, deps), { of: url.host }, systemClock.now())
  if (way.some(({ verdict }) => verdict === 'failed')) return way

  work.now('等接收方应答 waiting for its answer')
  const deliverer = openDeliverer(deps)
  try {
    const post = (secrets: readonly string[]) => {
      const at = systemClock.now()
      const receiver = { workspaceId: NOBODY, baseUrl: asked.url, header: asked.header, secrets }
      const id = newWebhookId(at, systemRandom)
      return deliverer.deliver(testPost(receiver, { id, at, message: MESSAGE }).post)
    }
    const unsigned = unsignedFinding(await post([]))
    const signed =
      asked.secrets.length > 0
        ? signedFindings(await post(asked.secrets))
        : await askedByItsWorkspace(config, asked.url, env)
    return [...way, unsigned, ...signed]
  } finally {
    await deliverer.close()
  }
}

const MESSAGE = 'qunhub doctor: 测试, 不是事件 / a test and no event'
/** No workspace of any installation. */
const NOBODY = '0'.repeat(24) as WorkspaceId

function unsignedFinding(outcome: Outcome): Finding {
  const seen = answered(outcome)
  if (outcome.kind === 'failed') return finding('unsigned', UNSIGNED, 'failed', seen, adviceOn(outcome))
  const { status } = outcome
  if (isTaken({ status }))
    return finding(
      'unsigned',
      UNSIGNED,
      'failed',
      seen,
      says(
        '它没有验签: 谁都能伪造回调。按 webhook-signature 验签, 不对的答 401',
        'it does not verify: anybody may forge callbacks. Verify webhook-signature, and answer 401 to what is wrong',
      ),
    )
  return status === 404 || status >= 500
    ? finding('unsigned', UNSIGNED, 'unseen', seen, adviceOn(outcome))
    : finding('unsigned', UNSIGNED, 'passed', seen)
}

function signedFindings(outcome: Outcome): Finding[] {
  const seen = answered(outcome)
  const isWell = outcome.kind === 'answered' && isTaken(outcome)
  const taken = finding('signed', SIGNED, isWell ? 'passed' : 'failed', seen, adviceOn(outcome))
  if (outcome.kind === 'failed') return [taken]
  const { ms } = outcome
  const latency = says(`${ms} 毫秒`, `${ms} ms`)
  return [
    taken,
    ms < SLOW_MS
      ? finding('latency', LATENCY, 'passed', latency)
      : finding(
          'latency',
          LATENCY,
          'warned',
          latency,
          says(
            '先答 2xx, 再处理; 超过 5 秒算失败, 超过 1 秒的地址少分到并发',
            'answer 2xx first and work afterwards: 5 s are a failure, and addresses beyond 1 s get fewer at once',
          ),
        ),
  ]
}

const answered = (outcome: Outcome) => {
  if (outcome.kind === 'answered')
    return says(`HTTP ${outcome.status}, ${outcome.ms} ms`, `HTTP ${outcome.status}, ${outcome.ms} ms`)
  const why = apart(outcome.reason === undefined ? outcome.errorClass : failureWords(outcome.reason))
  return says(
    `没有应答: ${outcome.errorClass}, ${why.chinese}`,
    `no answer: ${outcome.errorClass}, ${why.english}`,
  )
}

function adviceOn(outcome: Outcome): Finding['next'] {
  const advice = receiverAdvice(
    outcome.kind === 'answered'
      ? { status: outcome.status, errorClass: null }
      : { status: null, errorClass: outcome.errorClass },
  )
  return advice === null ? undefined : apart(advice)
}

/** Where it is the callback base of a workspace here, that one's secret and header are used, and nobody has to give them. */
async function askedByItsWorkspace(config: Config, url: string, env: Shell['env']): Promise<Finding[]> {
  try {
    const workspace = await whose(config, url)
    if (!workspace) return [NO_SECRET]
    const reply = await ask(config, 'test-callback', { workspace: workspace.id }, ANSWER_MAX_MS)
    if (!reply.ok) return [finding('signed', SIGNED, 'unseen', apart(reply.message))]
    const { status, errorClass, reason, ms } = operatorVerbs['test-callback'].output.parse(reply.value)
    return signedFindings(
      status === null
        ? {
            kind: 'failed',
            errorClass: errorClass as 'timeout',
            ms,
            ...(reason === null ? {} : { reason }),
          }
        : { kind: 'answered', status, snippet: '', ms },
    )
  } catch (failure) {
    // Whoever looks at a receiver may have no installation here at all.
    return [{ ...NO_SECRET, seen: failureSeen(failure, env) }]
  }
}

async function whose(config: Config, url: string): Promise<WorkspaceRecord | undefined> {
  const listed = await ask(config, 'list-workspaces', {}, ANSWER_MAX_MS)
  if (!listed.ok) return undefined
  for (const workspace of operatorVerbs['list-workspaces'].output.parse(listed.value).workspaces) {
    const reply = await ask(config, 'show-callback-address', { workspace: workspace.id }, ANSWER_MAX_MS)
    if (reply.ok && operatorVerbs['show-callback-address'].output.parse(reply.value).url === url)
      return workspace
  }
  return undefined
}

const NO_SECRET = finding(
  'signed',
  SIGNED,
  'skipped',
  says('没有密钥: 不是这里任何工作区的回调地址', 'no secret: it is the callback base of no workspace here'),
  says('用 --secret-file <file> 给出签名密钥', 'give its signing secret by --secret-file <file>'),
)
