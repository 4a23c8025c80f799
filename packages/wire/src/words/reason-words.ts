/**
 * Why a bot is where it is, Chinese first. The driver says it in English, for logs and programs; what a puppet says of a
 * logout is in its own words and stays as it is.
 */
export function reasonWords(reason: string): string {
  const parts = reason.split('; ')
  const chinese = parts.map(inChinese)
  return chinese.every(words => words !== null) ? `${chinese.join(', ')} / ${reason}` : reason
}

const inChinese = (reason: string): string | null => {
  const known = WORDS.get(reason)
  if (known !== undefined) return known
  const code = /^the discovery authority answered (\d+)$/.exec(reason)?.[1]
  if (code) return `发现服务应答 ${code}`
  const http = /^no puppet service answers there, but HTTP (\d+)$/.exec(reason)?.[1]
  if (http) return `该地址没有 puppet 服务, 只应答 HTTP ${http}`
  const other = /^another account is logged in: (.+)$/.exec(reason)?.[1]
  return other ? `登录的是另一个账号 ${other}` : null
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ['the endpoint is no address', '地址有误'],
  ['the puppet refused the token', 'puppet 拒绝了 token'],
  ['the puppet sent what cannot be read', 'puppet 发来的内容无法读取'],
  ['the puppet still holds the last stream', 'puppet 还占着上一条事件流'],
  ['the stream did not open', '连上后没有事件流'],
  ['the stream fell silent', '事件流没有了动静'],
  ['the stream lives, but no events come', '事件流还在, 但收不到事件'],
  ['what came is too large to be an event of a puppet', '发来的数据过大, 不像 puppet 的事件'],
  ['the server ended the stream', 'puppet 服务结束了事件流'],
  [
    'the certificate of the puppet service is not trusted, or is not for this host',
    'puppet 服务的证书不受信任, 或不属于该地址',
  ],
  ['the discovery authority does not know the token', '发现服务不认识该 token'],
  ['the discovery authority answered something else', '发现服务的应答看不懂'],
  ['the discovery authority does not answer', '发现服务没有应答'],
  ['nothing is logged in with the token, says the authority', '发现服务说该 token 尚无服务上线'],
  ['the puppet is connected but not logged in', 'puppet 已连上, 但账号未登录'],
  ['an operator logged it out', '运维让它退出了登录'],
  ['the account was logged out before', '此前账号已退出登录'],
  ['this node has lost touch with the others', '本节点与其他节点失去联系'],
  ['logged out', '账号已退出登录'],
  // Statuses of gRPC.
  ['UNAVAILABLE', '连不上'],
  ['DEADLINE_EXCEEDED', '超时'],
  ['CANCELLED', '连接被取消'],
  ['INTERNAL', 'puppet 服务内部错误'],
  ['UNKNOWN', 'puppet 服务未说明原因'],
  ['UNIMPLEMENTED', '对方不是 puppet 服务'],
  ['RESOURCE_EXHAUSTED', 'puppet 服务资源不足'],
])
