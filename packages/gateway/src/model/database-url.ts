import { isAbsolute } from 'node:path'

/** Where a database is, as far as it may be told: never user and password. */
export interface DatabaseAddress {
  /** `host:port`, `host`, or the directory of a unix socket; of several servers, with commas between. */
  readonly at: string
  readonly database: string
  /** What stands behind the question mark. */
  readonly parameters: URLSearchParams
}

/**
 * Reads an address as libpq writes it: `postgres://user:password@host:5432/database`, or over a unix socket
 * `postgres:///database?host=/directory`, `postgres://user@/database?host=/directory` and `postgres://%2Fdirectory/database`.
 * Several servers, of which one takes writes at a time, are `host1:5432,host2:5432` before the database. Undefined for what is none.
 */
export function readDatabaseUrl(text: string): DatabaseAddress | undefined {
  const servers = urlsOfServers(text).map(readServerUrl)
  const [first] = servers
  if (!first || !servers.every(server => server !== undefined)) return undefined
  return { ...first, at: servers.map(({ at }) => at).join(',') }
}

/** The address of each server by itself; of one server it is the text as it stands. */
export function urlsOfServers(text: string): string[] {
  const [, before = '', hosts = '', after = ''] =
    /^([a-z]+:\/\/(?:[^/?#]*@)?)([^/?#]*)(.*)$/is.exec(text) ?? []
  if (!hosts.includes(',')) return [text]
  return hosts.split(',').map(host => (host === '' ? '' : `${before}${host}${after}`))
}

/**
 * As the driver wants to be told. In each of these modes it checks the certificate and its name, and warns on every start, in English,
 * that this may change one day; here it does not.
 */
export const inFullForDriver = (text: string): string =>
  /[?&]uselibpqcompat=/.test(text)
    ? text
    : text.replaceAll(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=[&#]|$)/g, '$1verify-full')

function readServerUrl(text: string): DatabaseAddress | undefined {
  const url = parse(text)
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) return undefined
  const host = url.searchParams.get('host') ?? decoded(url.hostname)
  const database = decoded(url.pathname.slice(1))
  if (!host || !database || host.includes(',')) return undefined
  const parameters = url.searchParams
  if (isAbsolute(host)) return { at: host, database, parameters }
  const port = url.searchParams.get('port') ?? url.port
  return { at: port === '' ? host : `${host}:${port}`, database, parameters }
}

/** Credentials without a host are a mistake to `URL`, and as good as any to libpq and to the driver. */
function parse(text: string): URL | undefined {
  if (URL.canParse(text)) return new URL(text)
  const named = text.replace('@/', `@${NOWHERE}/`)
  if (!URL.canParse(named)) return undefined
  const url = new URL(named)
  return url.hostname === NOWHERE && url.searchParams.has('host') ? url : undefined
}

const NOWHERE = 'nowhere.invalid'

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch (failure) {
    if (failure instanceof URIError) return ''
    throw failure
  }
}
