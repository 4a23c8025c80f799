/** What forms a setting may have, and the words for whoever gives another one. */
import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { z } from 'zod'
import { isRange } from '../model/address-guard.ts'

const PORT = '0 到 65535 的端口 / a port from 0 to 65535'
/** A port, as a text of digits. */
export const port = (fallback: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/, { error: PORT })
    .transform(Number)
    .refine(number => number <= 65_535, { error: PORT })
    .default(fallback)

/** From `min` to `max`. */
export function wholeNumber(min: number, max: number, fallback: number) {
  const range = `${min} 到 ${max} 的整数 / a whole number from ${min} to ${max}`
  return z
    .string()
    .regex(/^\d{1,9}$/, { error: range })
    .transform(Number)
    .refine(number => number >= min && number <= max, { error: range })
    .default(fallback)
}

/** A comma-separated list, spaces allowed. */
export const namesIn = (list: string): string[] =>
  list
    .split(',')
    .map(name => name.trim())
    .filter(Boolean)

export const ranges = z.string().refine(list => namesIn(list).every(isRange), {
  error: '地址段, 如 10.0.0.0/8,fd00::/8 / address ranges such as 10.0.0.0/8,fd00::/8',
})

export const httpUrl = z.string().refine(isPlainHttpUrl, {
  error:
    '不含用户名、口令与 # 的 http:// 或 https:// URL / an http:// or https:// URL without credentials and fragment',
})

/** Paths are appended to it. */
export const baseUrl = httpUrl.refine(text => !text.includes('?'), {
  error: '不含 ? 的 http:// 或 https:// URL / an http:// or https:// URL without a query',
})

export const certificates = z.string().refine(areCertificates, {
  error: 'PEM 格式的证书 / certificates in PEM',
})

/** Each is read, because what is no certificate would be found out only when somebody connects. */
function areCertificates(text: string): boolean {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
  if (blocks === null || !text.trim().startsWith('-----BEGIN CERTIFICATE-----')) return false
  try {
    return blocks.every(block => new X509Certificate(block).serialNumber !== '')
  } catch (failure) {
    if (failure instanceof Error) return false
    throw failure
  }
}

function isPlainHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, hash } = new URL(text)
  return /^https?:$/.test(protocol) && !username && !password && !hash
}

/** What is asked there carries a secret. */
export function isOriginForSecrets(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, pathname, search } = new URL(text)
  const isHere = hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
  return (protocol === 'https:' || isHere) && pathname === '/' && search === ''
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch (failure) {
    if (failure instanceof RangeError) return false
    throw failure
  }
}

export const HOST_AND_PORT = 'host:port, 端口为 1 到 65535 / host:port, with a port from 1 to 65535'
export const isPort = (number: number): boolean => number >= 1 && number <= 65_535

/** Words that stand for ranges of addresses of proxies. */
const PROXY_WORDS = ['loopback', 'linklocal', 'uniquelocal']
export const isProxy = (name: string): boolean =>
  isRange(name) || isIP(name) !== 0 || PROXY_WORDS.includes(name)
