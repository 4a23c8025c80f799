/**
 * The official API of WeCom (https://developer.work.weixin.qq.com/document/path/92114), for the one thing that puppets do not
 * tell: the unionId of an external contact. An access token lives for two hours and is fetched when it is needed; one that WeCom
 * calls invalid or expired is fetched anew, once. Neither it nor the secret is ever in a message or a log line.
 */
import { Agent, errors } from 'undici'
import { z } from 'zod'
import { readUpTo } from '../model/read-up-to.ts'
import { type Clock, SECOND_MS } from '../system/clock.ts'

export interface WecomApi {
  /**
   * The unionId of an external contact, by externalUserId. Null with WeCom's code where it tells none: one of {@link TELLS_NOTHING},
   * or whatever else is not said of us. Rejects with {@link WecomApiFailed}.
   */
  unionIdOf(externalUserId: string): Promise<{ readonly unionId: string | null; readonly code: number }>
  close(): Promise<void>
}

export interface WecomApiSettings {
  readonly corpId: string
  readonly secret: string
  /** `https://qyapi.weixin.qq.com`, but in tests. */
  readonly origin: string
}

/** WeCom could not be asked, or refuses us and not the contact; `code` is its own, 0 where it did not answer properly. */
export class WecomApiFailed extends Error {
  override name = 'WecomApiFailed'
  readonly code: number
  constructor(what: string, code: number, options?: ErrorOptions) {
    super(code === 0 ? what : `${what} (errcode ${code})`, options)
    this.code = code
  }
}

const DEADLINE_MS = 5 * SECOND_MS
const ANSWER_BYTES_MAX = 256 * 1024
/** A token is not used in its last minute. */
const SPARE_MS = 60 * SECOND_MS
/**
 * Said of us, so that the next contact would hear the same (https://developer.work.weixin.qq.com/document/path/90313): WeCom is
 * busy (-1); the secret, the corp or the token is none (40001, 40013, 40014, 40091, 41001, 41002, 41004, 42001, 45031); too often
 * or too many at once (45009, 45033); the app may not ask that (48001, 48002, 48004, 48005, 48006, 60011), is switched off (50003)
 * or asks from another address (60020); the corp is barred (40141). There are hundreds of codes, and more come: one that is not
 * here is taken as said of the contact, for one contact must not stop all others.
 */
const ABOUT_US: ReadonlySet<number> = new Set([
  -1, 40001, 40013, 40014, 40091, 40141, 41001, 41002, 41004, 42001, 45009, 45031, 45033, 48001, 48002, 48004,
  48005, 48006, 50003, 60011, 60020,
])
/** A contact without a unionId (0), no such id of this corp (40096), no customer of the corp (84061). */
export const TELLS_NOTHING: ReadonlySet<number> = new Set([0, 40096, 84061])
const TOKEN_OVER: ReadonlySet<number> = new Set([40014, 42001])

const TokenAnswer = z.object({
  errcode: z.number(),
  access_token: z.string().optional(),
  expires_in: z.number().optional(),
})
const ContactAnswer = z.object({
  errcode: z.number(),
  external_contact: z.object({ unionid: z.string().optional() }).optional(),
})

export function openWecomApi({ corpId, secret, origin }: WecomApiSettings, clock: Clock): WecomApi {
  const agent = new Agent({ connections: 2 })
  let token: Promise<{ value: string; until: number }> | null = null

  async function get<T>(path: string, query: Record<string, string>, answer: z.ZodType<T>): Promise<T> {
    try {
      const { statusCode, body } = await agent.request({
        origin,
        path: `${path}?${new URLSearchParams(query)}`,
        method: 'GET',
        signal: AbortSignal.timeout(DEADLINE_MS),
      })
      const text = await readText(body)
      if (statusCode !== 200) throw new WecomApiFailed(`WeCom answered HTTP ${statusCode}`, 0)
      return answer.parse(JSON.parse(text))
    } catch (failure) {
      if (failure instanceof WecomApiFailed) throw failure
      // What was asked stands in no message, for it holds the secret.
      throw new WecomApiFailed(`WeCom cannot be asked: ${kindOf(failure)}`, 0)
    }
  }

  async function fetchToken() {
    const query = { corpid: corpId, corpsecret: secret }
    const { errcode, access_token, expires_in = 0 } = await get('/cgi-bin/gettoken', query, TokenAnswer)
    if (errcode !== 0 || !access_token) throw new WecomApiFailed('WeCom gives no access token', errcode)
    return { value: access_token, until: clock.now() + expires_in * SECOND_MS - SPARE_MS }
  }

  async function currentToken(): Promise<string> {
    const known = await token?.catch(() => null)
    if (known && clock.now() < known.until) return known.value
    token = fetchToken()
    return (await token).value
  }

  async function ask(externalUserId: string): Promise<z.infer<typeof ContactAnswer>> {
    const query = { access_token: await currentToken(), external_userid: externalUserId }
    return get('/cgi-bin/externalcontact/get', query, ContactAnswer)
  }

  return {
    async unionIdOf(externalUserId) {
      let told = await ask(externalUserId)
      if (TOKEN_OVER.has(told.errcode)) {
        token = null
        told = await ask(externalUserId)
      }
      const { errcode: code, external_contact: contact } = told
      if (ABOUT_US.has(code)) throw new WecomApiFailed('WeCom refuses', code)
      return { unionId: contact?.unionid || null, code }
    },
    close: () => agent.destroy(),
  }
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const bytes = await readUpTo(ANSWER_BYTES_MAX, body)
  if (!bytes) throw new WecomApiFailed('WeCom answers too much', 0)
  return bytes.toString()
}

const kindOf = (failure: unknown): string => {
  if (failure instanceof z.ZodError || failure instanceof SyntaxError) return 'it answered something else'
  if (failure instanceof errors.UndiciError || failure instanceof Error)
    return 'code' in failure && typeof failure.code === 'string' ? failure.code : failure.name
  return 'unknown'
}
