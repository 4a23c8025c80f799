/** What the questions are about: ids that this very server told, so that nothing is guessed. */
import { type BotRow, type ContactRow, type Endpoint, listByMHTag, type RoomRow } from '@qunhub/wire'
import type { ApiAnswer, ApiLine, Ask } from './api-line.ts'

export interface ApiChoice {
  readonly token: string
  /** A tag with rooms, for a server that lists none without one. */
  readonly tag: string | undefined
  /** Which account acts, where it is asked to. */
  readonly bot: string | undefined
  /** Three contacts that it may invite. */
  readonly contacts: readonly string[]
}

export interface ApiGround extends ApiLine {
  readonly choice: ApiChoice
  /** Rows of the first page, as they were answered; empty until it was asked for. */
  readonly rows: RoomRow[]
  /** How many there are in all, by its own word. */
  total: number
  readonly bots: BotRow[]
  readonly contacts: ContactRow[]
  /** As `ask`, with the token where the page has it. */
  asking(endpoint: Endpoint, fields?: Fields, headers?: Readonly<Record<string, string>>): Promise<ApiAnswer>
}

/** A request's fields. `undefined` leaves one away that would be there. */
export type Fields = Readonly<Record<string, unknown>>

export const groundOf = (line: ApiLine, choice: ApiChoice): ApiGround => ({
  ...line,
  choice,
  rows: [],
  total: 0,
  bots: [],
  contacts: [],
  asking: (endpoint, fields = {}, headers = {}) =>
    line.ask(
      requestFor(
        endpoint,
        {
          token: choice.token,
          ...(endpoint.name === listByMHTag.name && choice.tag !== undefined ? { mhTagId: choice.tag } : {}),
          ...fields,
        },
        headers,
      ),
    ),
})

/** A request as the page sends it: a POST as JSON, a GET by its query. */
export function requestFor(
  { method, path }: Endpoint,
  fields: Fields,
  headers: Readonly<Record<string, string>> = {},
): Ask {
  if (method === 'POST')
    return {
      method,
      path,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(fields),
    }
  const query = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, String(value)] as const)
  return { method, path, query, headers }
}
