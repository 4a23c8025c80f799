/**
 * Why an attempt had no answer, in words for whoever has to mend it: the class alone does not say which of the many ways to
 * fail a handshake it was. Behind the words stands the code of the system or of OpenSSL, which is what people search for.
 *
 * No word is the receiver's own: what a stranger writes into a certificate reaches no log.
 */

/** Of a handshake that failed. */
export const tlsReasonOf = (error: Error): string => {
  const code = codeOf(error)
  return named(TLS_WORDS.find(([pattern]) => pattern.test(code))?.[1] ?? 'the handshake failed', code)
}

/** Of an answer that is not HTTP/1.1: what the parser stumbled over. */
export const notHttpReason = (stumbledOver = ''): string => named('the answer is not HTTP/1.1', stumbledOver)

/** Of any other failure: its code, where it has one that says more than its class. */
export const reasonOf = (error: Error): string | null => {
  const code = codeOf(error)
  return code === '' || code.startsWith('UND_ERR_') ? null : code
}

/** What its certificate or its handshake is at fault for; the first that fits. */
const TLS_WORDS: readonly (readonly [RegExp, string])[] = [
  [/^ERR_TLS_CERT_ALTNAME|^HOSTNAME_MISMATCH$/, 'the certificate is for another name'],
  [/^CERT_HAS_EXPIRED$/, 'the certificate has expired'],
  [/^CERT_NOT_YET_VALID$/, 'the certificate is not valid yet'],
  [/^CERT_REVOKED$/, 'the certificate was revoked'],
  // Issuer unknown, signed by itself, a chain that lacks a link, an authority that may not sign.
  [/SELF_SIGNED|^UNABLE_TO_|^CERT_|^INVALID_|^PATH_LENGTH/, 'the certificate is not trusted'],
  [/CERTIFICATE_REQUIRED/, 'the receiver wants a certificate of ours'],
  [/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW/, 'no version of TLS in common'],
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/, 'what answers there is not TLS'],
  [/ALERT|NO_SHARED_CIPHER/, 'the receiver refused the handshake'],
  [/^(ECONNRESET|EPIPE|ECONNABORTED)$/, 'the receiver hung up in the handshake'],
]

const named = (words: string, code: string): string => (code ? `${words} (${code})` : words)

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '')
