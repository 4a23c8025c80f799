/**
 * Group robots of WeCom, Feishu and DingTalk: what each is posted, and how to read what it answers. Each answers 200 to
 * what it refuses, so the code in the body is what counts.
 */
import { createHmac } from 'node:crypto'
import type { AlertMessage } from '@qunhub/wire'
import { z } from 'zod'
import type { Config } from '../config.ts'

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
