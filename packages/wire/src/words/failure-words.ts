/**
 * Why an attempt had no answer, Chinese first. The courier says it in English, for logs and programs, with the code of the
 * system or of OpenSSL behind it; a code alone stays as it is.
 */
export function failureWords(reason: string): string {
  const [english = ''] = reason.split(' (')
  const chinese = WORDS.get(english)
  return chinese === undefined ? reason : `${chinese} / ${reason}`
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ['the certificate is for another name', '证书不属于该域名'],
  ['the certificate has expired', '证书已过期'],
  ['the certificate is not valid yet', '证书尚未生效'],
  ['the certificate was revoked', '证书已吊销'],
  ['the certificate is not trusted', '证书不受信任'],
  ['the receiver wants a certificate of ours', '接收方要求客户端证书'],
  ['no version of TLS in common', '没有共同的 TLS 版本'],
  ['what answers there is not TLS', '该端口应答的不是 TLS'],
  ['the receiver refused the handshake', '接收方拒绝了 TLS 握手'],
  ['the receiver hung up in the handshake', '接收方在 TLS 握手中断开'],
  ['the answer is not HTTP/1.1', '应答不符合 HTTP/1.1'],
  ['the handshake failed', 'TLS 握手失败'],
])
