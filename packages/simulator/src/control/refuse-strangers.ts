import type { IncomingHttpHeaders } from 'node:http'
import { ControlError } from './control-error.ts'
import { requireJson } from './read-json-body.ts'

/** What a program on this machine calls this server. Any other name is one that somebody made point here. */
const LOOPBACK_HOSTS: readonly string[] = ['127.0.0.1', 'localhost', '[::1]']
/** How a browser says that a page of somewhere else asks. */
const FOREIGN_SITES: readonly string[] = ['cross-site', 'same-site']

/**
 * The control API has no passwords and tells tokens, so no web page may reach it through the browser of this machine:
 * neither one of a foreign origin, nor one whose name was made to point to loopback (DNS rebinding).
 */
export function refuseStrangers(headers: IncomingHttpHeaders): void {
  const host = (headers.host ?? '').toLowerCase().replace(/:\d*$/, '')
  if (!LOOPBACK_HOSTS.includes(host))
    throw new ControlError(403, 'Host 应为 127.0.0.1 或 localhost (expected a loopback Host)')
  // Before it is read: what a page may send without asking first is no JSON.
  if (Number(headers['content-length'] ?? 0) > 0) requireJson(headers)
  const site = headers['sec-fetch-site']
  if (headers.origin !== undefined || (typeof site === 'string' && FOREIGN_SITES.includes(site)))
    throw new ControlError(403, '不接受网页的请求 (requests of web pages are not accepted)')
}
