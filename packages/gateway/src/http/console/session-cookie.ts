/**
 * The cookie of a person's session. No script can read it, and no other site's request carries it. It holds at every path, for
 * a proxy may serve the console below a prefix of which we know nothing, and a browser does not send back a cookie of another
 * path. A name twice is an attack or a mistake, and then there is none.
 */
import { SESSION_COOKIE } from '@qunhub/wire'

/** What {@link newSession} gives a browser: 43 characters of base64url. Anything else was never given. */
const SESSION_ID = /^[A-Za-z0-9_-]{43}$/

export function readSessionCookie(header: string | undefined): string | undefined {
  const named = (header ?? '')
    .split(';')
    .map(pair => pair.trim())
    .filter(pair => pair.startsWith(`${SESSION_COOKIE}=`))
    .map(pair => pair.slice(SESSION_COOKIE.length + 1))
  const [only, ...others] = named
  return only !== undefined && others.length === 0 && SESSION_ID.test(only) ? only : undefined
}

export interface CookieScope {
  readonly isHttps: boolean
}

export const sessionCookie = (sessionId: string, seconds: number, { isHttps }: CookieScope): string =>
  [
    `${SESSION_COOKIE}=${sessionId}`,
    'Path=/',
    `Max-Age=${seconds}`,
    'HttpOnly',
    'SameSite=Strict',
    ...(isHttps ? ['Secure'] : []),
  ].join('; ')

/** The browser forgets it. */
export const noSessionCookie = (scope: CookieScope): string => sessionCookie('', 0, scope)
