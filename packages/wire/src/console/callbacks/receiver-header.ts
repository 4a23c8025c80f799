import { z } from 'zod'
import { typedAs } from '../door/field-form.ts'

/**
 * The one header that a workspace may have sent to its receiver (CB-13): a key that an API gateway wants to see, or a user and
 * a password. Names that HTTP or our own headers need are not free; and what is no plain line would be more than one header.
 */

const NAME_LENGTH_MAX = 100
const VALUE_LENGTH_MAX = 4096

/** A token of HTTP (RFC 9110, 5.6.2). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** Visible ASCII, with spaces between (RFC 9110, 5.5). */
const PLAIN_LINE = /^[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?$/

/** How a message travels, what is in it and who sends it is said by HTTP itself (RFC 9110, 9112) and by us. */
const TAKEN =
  /^(host|connection|keep-alive|transfer-encoding|te|trailer|upgrade|expect|date|age|http2-settings|user-agent|content-.*|accept-encoding|proxy-.*|webhook-.*|if-.*|range)$/i

export const HeaderName = z
  .string()
  .max(NAME_LENGTH_MAX)
  .regex(TOKEN, {
    error:
      '请求头的名字, 如 Authorization 或 X-Api-Key / the name of a header, such as Authorization or X-Api-Key',
  })
  .refine(name => !TAKEN.test(name), {
    error:
      'HTTP 与回调本身都不用的请求头, 如 Authorization 或 X-Api-Key / a header that neither HTTP nor the callback itself needs, such as Authorization or X-Api-Key',
  })

export const HeaderValue = z
  .string()
  .max(VALUE_LENGTH_MAX)
  .regex(PLAIN_LINE, { error: '一行可见 ASCII 字符 / one line of visible ASCII characters' })
  .register(typedAs, { value: 'value', isSecret: true })

/** What a URL is without its user and password, and the header that says the same of them; null where there are none. */
export function splitCredentials(url: string): { url: string; authorization: string | null } {
  const { username, password } = new URL(url)
  if (username === '' && password === '') return { url, authorization: null }
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return {
    // As it was typed, but for what stands before the last `@` of the authority.
    url: url.replace(/^([a-z]+:\/\/)[^/?#\\]*@/i, '$1'),
    authorization: `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(credentials)))}`,
  }
}

/** Whether it is clear where user and password begin and end. */
export function areCredentialsClear(url: string): boolean {
  if (!URL.canParse(url)) return true
  const { username, password, pathname, search } = new URL(url)
  if (username === '' && password === '') return true
  try {
    const [user, secret] = [decodeURIComponent(username), decodeURIComponent(password)]
    return !user.includes(':') && !/\p{Cc}/u.test(user + secret) && !`${pathname}${search}`.includes('@')
  } catch (failure) {
    if (failure instanceof URIError) return false
    throw failure
  }
}
