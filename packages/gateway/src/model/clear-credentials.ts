/**
 * Whether it is clear where the credentials of a URL end. An `@`, `/`, `?` or `#` in a password that is not percent-encoded
 * makes every parser take the rest of the password for a host, a database or a fragment, which are told to people and
 * asked of name servers. Credentials that cannot be decoded are not clear either.
 */
export function areCredentialsClear(url: string): boolean {
  const [, authority = '', rest = ''] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)(.*)$/is.exec(url) ?? []
  const credentials = authority.slice(0, Math.max(0, authority.lastIndexOf('@')))
  return !/[@#]/.test(rest) && !/%(?![0-9a-f]{2})/i.test(credentials)
}
