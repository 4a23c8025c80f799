/** What to do about a receiver that did not take what it was sent, Chinese first: for callbacks and tests, in console, doctor and API. */

interface Told {
  /** Null where there was no answer. */
  readonly status: number | null
  /** Why there was none: `timeout`, `dns`, `connect`, `tls` … */
  readonly errorClass: string | null
}

export const isTaken = ({ status }: Pick<Told, 'status'>): boolean =>
  status !== null && status >= 200 && status < 300

/** Null where it was taken. */
export function receiverAdvice({ status, errorClass }: Told): string | null {
  if (isTaken({ status })) return null
  if (status === null) return UNHEARD.get(errorClass ?? '') ?? NO_HTTP
  return ANSWERED.get(status) ?? (status < 400 ? REDIRECT : status < 500 ? WRONG : BROKEN)
}

const NO_HTTP =
  '该端口回答的不是 HTTP: 检查地址的协议与端口 / what answers there is not HTTP: check scheme and port of the address'

const UNHEARD: ReadonlyMap<string, string> = new Map([
  [
    'timeout',
    '5 秒内没有答完: 接收方应先答 2xx, 再处理; 也检查防火墙是否丢弃了连接 / it did not finish its answer within 5 s: answer 2xx first and work afterwards; see as well whether a firewall drops the connection',
  ],
  [
    'dns',
    '域名解析不出来: 核对主机名, 并在网关所在的机器上解析它 / the name does not resolve: check how it is spelled, and resolve it on the machine of the gateway',
  ],
  [
    'connect',
    '没有人监听, 或路由不通: 确认接收方在运行, 端口与防火墙放行 / nobody listens there, or there is no way to it: see that the receiver runs, and that port and firewall let us in',
  ],
  [
    'tls',
    '证书或 TLS 握手有问题, 原因见上: 换上完整的证书链; 自有 CA 用 QUNHUB_CALLBACK_CA_FILE 指明 / its certificate or the handshake is at fault, as said above: install the whole chain; an own CA is named by QUNHUB_CALLBACK_CA_FILE',
  ],
  [
    'reset',
    '接收方没有回答就断开了: 看它和前面代理的日志 / it hung up before it answered: look into its log and that of the proxy before it',
  ],
  [
    'address-refused',
    '地址在内网或保留地址段, 网关不会访问: 确有需要时设置 QUNHUB_CALLBACK_ALLOW_CIDRS 并重启 / the address is private or reserved, and callbacks do not go there: where it is meant, set QUNHUB_CALLBACK_ALLOW_CIDRS and restart',
  ],
])

const KEY =
  '接收方不认签名或密钥: 核对 qunhub callback secret 给出的密钥, 按原始字节验签, 时钟相差不超过 5 分钟; 前面有网关要看密钥的, 用 qunhub callback set-header 设置 / it does not accept the signature or a key: compare the secret with that of qunhub callback secret, verify the raw bytes, and keep its clock within 5 minutes; where a gateway before it wants a key, set it with qunhub callback set-header'

const ANSWERED: ReadonlyMap<number, string> = new Map([
  [401, KEY],
  [403, KEY],
  [
    404,
    '连得上, 但没有这个路径: 核对回调地址; 只处理特定路径的接收方, 请对不认识的种类也答 2xx, 测试才证明得了验签 / it is reached and has no such path: check the callback base; a receiver that handles certain paths only should answer 2xx to kinds that it does not know, or a test proves nothing of its verifying',
  ],
  [
    405,
    '它不接受 POST: 核对回调地址, 路径上应有处理 POST 的程序 / it takes no POST: check the callback base; something there has to handle POST',
  ],
  [
    410,
    '它说地址已不再使用: 用 qunhub callback set-url 换成新的 / it says that the address is out of use: set the new one with qunhub callback set-url',
  ],
  [
    413,
    '请求体太大: 放宽接收方及其代理的上限, 一个满员的群约 143 KB / the body is too large for it: raise the limit of the receiver and its proxy; a full room is some 143 KB',
  ],
  [415, '它不接受 application/json: 让它按 JSON 接收 / it does not take application/json: have it take JSON'],
  [429, '它限流了: 放宽对网关的限制 / it limits how often it is asked: give the gateway a higher limit'],
])

const REDIRECT =
  '它要求转到别处, 而回调不跟随重定向: 把最终的地址设为回调地址 / it sends us elsewhere, and callbacks follow no redirect: set the final address as the callback base'
const WRONG =
  '它拒绝了请求, 见它的回答与日志; 验签失败通常是因为没有用原始字节 / it refused the request: read its answer and its log; a signature mostly fails because something other than the raw bytes was verified'
const BROKEN =
  '接收方或它前面的代理出错了: 看它们的日志 / the receiver failed, or the proxy before it: look into their logs'
