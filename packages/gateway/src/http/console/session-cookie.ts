/**
 * The cookie of a person's session. No script can read it, no other site's request carries it, and it is sent to the console
 * alone. A name twice is an attack or a mistake, and then there is none.
 */
export const SESSION_COOKIE = 'qunhub_session'

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
  /** The console's, as the browser sees it. */
  readonly path: string
  readonly isHttps: boolean
}

export const sessionCookie = (sessionId: string, seconds: number, { path, isHttps }: CookieScope): string =>
  [
    `${SESSION_COOKIE}=${sessionId}`,
    `Path=${path}`,
    `Max-Age=${seconds}`,
    'HttpOnly',
    'SameSite=Strict',
    ...(isHttps ? ['Secure'] : []),
  ].join('; ')

/** The browser forgets it. */
export const noSessionCookie = (scope: CookieScope): string => sessionCookie('', 0, scope)
