import {
  type Endpoint,
  endpoints,
  type GeneralAnswer,
  generalAnswer,
  type RefusalHelp,
  refusalHelp,
} from '@qunhub/wire'

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
export function errorPageOf(path: string, code: number | null, status = 200): string | undefined {
  const endpoint = endpointOf(path)
  if (!endpoint) return undefined
  if (meaningsOf(path, code).length > 0) return `docs/errors/${endpoint.name}/${code}`
  return generalAnswer(status) && `docs/errors/${endpoint.name}/${status}`
}

/** Of answers that any endpoint may give, what they mean. */
export const generalMeaning = (status: number): GeneralAnswer | undefined =>
  generalAnswer(status) ?? (status > 500 ? generalAnswer(500) : undefined)

/** Whether it was carried out. */
export const isDone = ({
  status,
  code,
}: {
  readonly status: number
  readonly code: number | null
}): boolean => status === 200 && (code === 0 || code === null)
