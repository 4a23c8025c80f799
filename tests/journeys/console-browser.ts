import { CONSOLE_API_PATH } from '@qunhub/wire'

export interface ConsoleAnswer {
  readonly status: number
  readonly setCookie: string | null
  readonly text: string
  readonly body: {
    readonly ok?: boolean
    readonly refused?: string
    readonly message?: string
    readonly value?: unknown
  }
}

/** Asks as a page of the console does: from its own origin, in JSON, with the cookie that it was given last. */
export class Browser {
  readonly #baseUrl: string
  cookie: string | undefined

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl
  }

  get(path: string, headers?: Record<string, string>): Promise<ConsoleAnswer> {
    return this.ask('GET', path, undefined, headers)
  }

  post(path: string, body: object, headers?: Record<string, string>): Promise<ConsoleAnswer> {
    return this.ask('POST', path, body, headers)
  }

  async ask(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<ConsoleAnswer> {
    const answer = await fetch(this.#baseUrl + CONSOLE_API_PATH + path, {
      method,
      headers: {
        ...(method === 'GET' ? {} : { origin: new URL(this.#baseUrl).origin }),
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...(this.cookie ? { cookie: this.cookie } : {}),
        ...headers,
      },
      ...(body && method !== 'GET' ? { body: JSON.stringify(body) } : {}),
    })
    const setCookie = answer.headers.get('set-cookie')
    if (setCookie) this.cookie = setCookie.split(';')[0]
    const text = await answer.text()
    return { status: answer.status, setCookie, text, body: JSON.parse(text.startsWith('{') ? text : '{}') }
  }
}
