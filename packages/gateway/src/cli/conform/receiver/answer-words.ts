/** What a receiver answered, in words, and what to do about an answer that was not hoped for. */
import type { BothLanguages } from '@qunhub/wire'
import { failureWords } from '@qunhub/wire/words'
import type { Outcome } from '../../../callback/outcome.ts'
import { says } from '../../show/report.ts'

export const isAccepted = (outcome: Outcome): boolean =>
  outcome.kind === 'answered' && outcome.status >= 200 && outcome.status < 300

export const isRefused = (outcome: Outcome): boolean =>
  outcome.kind === 'answered' && outcome.status >= 400 && outcome.status < 500

/** `204, 12 ms`, or why there was no answer. */
export function answerWords(outcome: Outcome): BothLanguages {
  if (outcome.kind === 'answered') {
    // What a receiver says of a refusal is often the very reason for it.
    const said = outcome.snippet.trim().split('\n')[0]!.slice(0, SAID_CHARACTERS_MAX)
    const words = `${outcome.status}, ${outcome.ms} ms${said && !isAccepted(outcome) ? `, "${said}"` : ''}`
    return says(words, words)
  }
  const [chinese, english] = noAnswer[outcome.errorClass]
  const reason = outcome.reason === undefined ? '' : `: ${failureWords(outcome.reason)}`
  return says(`没有应答, ${chinese}${reason}`, `no answer, ${english}`)
}

const SAID_CHARACTERS_MAX = 120

const noAnswer = {
  timeout: ['5 秒内没有答完', 'not done within 5 s'],
  dns: ['找不到该域名', 'nobody knows the name'],
  connect: ['连不上', 'nobody listens there'],
  tls: ['TLS 握手失败', 'the TLS handshake failed'],
  reset: ['应答前断开', 'it hung up before it answered'],
  'bad-response': ['应答不是 HTTP', 'what came back is not HTTP'],
  'address-refused': ['地址不允许', 'the address is not allowed'],
} as const

/** A callback that should have been taken was not. */
export function whyNotAccepted(outcome: Outcome): BothLanguages {
  if (outcome.kind === 'failed') {
    if (outcome.errorClass === 'timeout')
      return says(
        '先把回调存下并答 2xx, 慢的事放到之后; 网关只等 5 秒',
        'keep the callback, answer 2xx, and do what is slow afterwards: the gateway waits for 5 s',
      )
    return says(
      '接收方在运行吗? 核对地址、端口与证书; 网关到接收方的网络通吗?',
      'is the receiver running? Look at address, port and certificate, and whether the gateway can reach it',
    )
  }
  const { status } = outcome
  if (status >= 300 && status < 400)
    return says(
      '网关不跟随跳转: 回调地址请写最终的地址',
      'the gateway follows no redirect: set the callback base to where it leads',
    )
  if (status === 401 || status === 403)
    return says(
      '核对密钥 (qunhub callback secret) 与时钟; 对原始字节验签, 不要对解析后再序列化的 JSON',
      'look at the secret (qunhub callback secret) and the clock; verify the bytes as they came, not JSON that was parsed and written again',
    )
  if (status === 404)
    return says(
      '每种回调的路径接在回调地址之后 (如 /chatroom/joined): 挂在前缀上, 或全部接受',
      'the path of each kind follows the callback base (such as /chatroom/joined): mount the receiver at a prefix',
    )
  if (status === 413)
    return says(
      '把请求体上限放宽到 4 MB, 反向代理的也是; 网关不会重试 413',
      'raise the limit of the body to 4 MB, in the reverse proxy too; a 413 is not tried again',
    )
  if (status >= 500)
    return says('看接收方的日志: 处理时出错了', 'look at the log of the receiver: handling it failed')
  return says('处理完请答 2xx', 'answer 2xx when it is handled')
}

/** A callback that should have been refused was not. */
export const whyNotRefused = (outcome: Outcome): BothLanguages =>
  isAccepted(outcome)
    ? says(
        '任何人都能伪造这样的回调: 答 2xx 之前先核对签名与时间戳, 不符答 401',
        'anybody could forge such a callback: check signature and timestamp before you answer 2xx; where they are wrong answer 401',
      )
    : says(
        '请答 401: 不符的回调应当被拒绝, 而不是出错或断开',
        'answer 401: what is not signed should be refused, not end in an error or a broken connection',
      )
