import { type BothLanguages, type Endpoint, neighbours } from '@qunhub/wire'
import { says } from '../../show/report.ts'
import type { Check, Seen } from '../run-checks.ts'
import type { ApiGround } from './api-facts.ts'
import type { ApiAnswer } from './api-line.ts'
import { type Expectation, hold, type Strictness } from './expectation.ts'

export type ApiCheck = Check<ApiGround>

/** One question, or several of which the first bad answer is told. */
export const asks = (
  check: string,
  what: BothLanguages,
  questions: (ground: ApiGround) => readonly Question[] | BothLanguages,
): ApiCheck => ({
  check,
  what,
  async look(ground) {
    const asked = questions(ground)
    if (!isList(asked)) return { verdict: 'unseen', seen: asked }
    let seen: Seen = { verdict: 'unseen', seen: says('没有可问的', 'there is nothing to ask') }
    for (const { answer, expect, strictness } of asked) {
      seen = hold(await answer(), expect, strictness)
      if (seen.verdict !== 'passed') return seen
    }
    return seen
  },
})

export interface Question {
  readonly answer: () => Promise<ApiAnswer>
  readonly expect: Expectation
  readonly strictness?: Strictness
}

// A union with a list is not told apart by Array.isArray where the list is read-only.
const isList = (asked: readonly Question[] | BothLanguages): asked is readonly Question[] =>
  Array.isArray(asked)

/** Endpoints beside the page: another server that claims the page need not have them. */
export const isBeside = (endpoint: Endpoint): boolean => neighbours.some(({ name }) => name === endpoint.name)

/** Looks only where the server has the endpoint. */
export const whereThereIs = (endpoint: Endpoint, check: ApiCheck): ApiCheck =>
  isBeside(endpoint)
    ? {
        ...check,
        async look(ground) {
          const answer = await ground.asking(endpoint)
          if (answer.kind === 'answered' && answer.status === 404)
            return {
              verdict: 'unseen',
              seen: says(
                '这个服务没有它, 接口页也没有要求',
                'the server does not have it, and the page does not ask for it',
              ),
            }
          return check.look(ground)
        },
      }
    : check
