/**
 * Group robots of WeCom, Feishu and DingTalk: what each is posted, and how to read what it answers. Each answers 200 to
 * what it refuses, so the code in the body is what counts.
 */
import { createHmac } from 'node:crypto'
import { type AlertMessage, cleanText } from '@qunhub/wire'
import { z } from 'zod'
import type { Config } from '../config/config.ts'

/** Words of an address, such as `webhook`, are shorter; the keys of all three robots are longer. */
const KEY_CHARACTERS_MIN = 16
const ANSWER_CHARACTERS_MAX = 300

/** Its url holds a key and is never logged; `secret` is what Feishu and DingTalk sign with, where it was set up so. */
export type Robot = NonNullable<Config['alert']['robot']>

export interface RobotPost {
  readonly url: string
  readonly body: object
}

/** The request that the robot takes for this message; `now` in milliseconds is signed with it. */
export function robotPost({ kind, url, secret }: Robot, message: AlertMessage, now: number): RobotPost {
  const { text } = message
  switch (kind) {
    case 'wecom':
      return { url, body: { msgtype: 'text', text: { content: text } } }
    case 'dingtalk':
      return {
        url: secret ? signedUrl(url, secret, now) : url,
        body: { msgtype: 'text', text: { content: text } },
      }
    case 'feishu': {
      const timestamp = String(Math.floor(now / 1000))
      const signature = secret ? { timestamp, sign: hmac(`${timestamp}\n${secret}`, '') } : {}
      return { url, body: { ...signature, msg_type: 'text', content: { text } } }
    }
    case 'json':
      return { url, body: message }
    default:
      return kind satisfies never
  }
}

/** Null when the robot took the message, else why it did not: a status or a code of its own, never its text. */
export function whyRefused({ kind }: Pick<Robot, 'kind'>, status: number, text: string): string | null {
  if (status < 200 || status > 299) return `status ${status}`
  if (kind === 'json') return null
  const answer = RobotAnswer.safeParse(parse(text))
  if (!answer.success) return 'an answer without a code'
  const code = answer.data.errcode ?? answer.data.code ?? answer.data.StatusCode
  return code === 0 ? null : `code ${code}`
}

/**
 * What the robot said, for the operator who set it up: bounded, and without the key of the address, which some repeat
 * when they do not know it.
 */
export function readableAnswer({ url, secret }: Robot, text: string): string {
  const { searchParams, pathname } = new URL(url)
  const parts = [...searchParams.values(), ...pathname.split('/')]
  const keys = [...parts.filter(part => part.length >= KEY_CHARACTERS_MIN), ...(secret ? [secret] : [])]
  const withoutKeys = keys.reduce((told, key) => told.replaceAll(key, '…'), cleanText(text))
  // Newlines and colours are for terminals that somebody else writes to.
  return withoutKeys
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, ANSWER_CHARACTERS_MAX)
}

/** WeCom and DingTalk say `errcode`, Feishu `code`, and in its older days `StatusCode`. */
const RobotAnswer = z
  .object({ errcode: z.int(), code: z.int(), StatusCode: z.int() })
  .partial()
  .refine(answer => Object.keys(answer).length > 0)

function signedUrl(url: string, secret: string, now: number): string {
  const signed = new URL(url)
  signed.searchParams.set('timestamp', String(now))
  signed.searchParams.set('sign', hmac(secret, `${now}\n${secret}`))
  return signed.href
}

const hmac = (key: string, text: string): string => createHmac('sha256', key).update(text).digest('base64')

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
