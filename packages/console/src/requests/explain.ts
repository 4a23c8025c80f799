import { type Endpoint, endpoints, HTTP_BAD_REQUEST, type RefusalHelp, refusalHelp } from '@qunhub/wire'
import type { Words } from '../words/words.ts'

export interface Meaning {
  readonly word: string
  readonly message: string
  readonly help: RefusalHelp
}

/** The endpoint of a path, where this console knows it. */
export const endpointOf = (path: string): Endpoint | undefined => endpoints.find(each => each.path === path)

/** What a code of an endpoint may mean: mostly one thing. Empty where it is none of its refusals. */
export function meaningsOf(path: string, code: number | null): readonly Meaning[] {
  const refusals = Object.entries(endpointOf(path)?.refusals ?? {})
  return refusals
    .filter(([, refusal]) => refusal.code === code)
    .map(([word, { message }]) => ({
      word,
      message,
      help: refusalHelp[word as keyof typeof refusalHelp],
    }))
}

/** The code's word: `bot-offline`. Undefined where it was answered for what any endpoint may be. */
export const wordOf = (path: string, code: number | null): string | undefined =>
  meaningsOf(path, code)[0]?.word

/** Behind the console: `docs/errors/addMember/-5`, where there is such a page. */
export function errorPageOf(path: string, code: number | null): string | undefined {
  const endpoint = endpointOf(path)
  return endpoint && meaningsOf(path, code).length > 0 ? `docs/errors/${endpoint.name}/${code}` : undefined
}

/** Of answers that any endpoint may give, what they mean. */
export function generalMeaning(status: number, say: Words['requests']['general']): string | undefined {
  if (status === HTTP_BAD_REQUEST) return say.badRequest
  if (status === 429) return say.tooMany
  if (status === 503) return say.stopping
  return status >= 500 ? say.failed : undefined
}

/** Whether it was carried out. */
export const isDone = ({
  status,
  code,
}: {
  readonly status: number
  readonly code: number | null
}): boolean => status === 200 && (code === 0 || code === null)
