/** Whoever shows no good token is told so by every endpoint alike, wherever the token stands (G-2, G-4). */
import { type Endpoint, endpoints, exit, listByMHTag } from '@qunhub/wire'
import { says } from '../../show/report.ts'
import { type ApiCheck, asks, whereThereIs } from './api-check.ts'
import { requestFor } from './api-facts.ts'
import { done, refusal } from './expectation.ts'
import { harmless } from './harmless-requests.ts'

const NOBODYS = '000000000000000000000000'

const refusesTokens = (endpoint: Endpoint): ApiCheck =>
  asks(
    `${endpoint.name}-token`,
    says(
      `${endpoint.name}: 未知的、空的、没有的 token`,
      `${endpoint.name}: an unknown, an empty and no token`,
    ),
    ground =>
      [NOBODYS, '', undefined].map(token => ({
        answer: () => ground.ask(requestFor(endpoint, { ...harmless(endpoint), token })),
        expect: refusal(endpoint, endpoint.refusals['token-invalid']!),
      })),
  )

export const tokenChecks: readonly ApiCheck[] = [
  ...endpoints.map(endpoint => whereThereIs(endpoint, refusesTokens(endpoint))),
  asks('token-in-header', says('token 在 Authorization 头里', 'the token in Authorization'), ground => {
    const headers = { authorization: `Bearer ${ground.choice.token}` }
    const without = { token: undefined }
    return [
      {
        answer: () => ground.asking(listByMHTag, { ...without, pageSize: 1 }, headers),
        expect: done(listByMHTag),
      },
      {
        answer: () => ground.asking(exit, { ...harmless(exit), ...without }, headers),
        expect: refusal(exit, exit.refusals['bot-unknown']),
      },
    ]
  }),
  asks('token-in-query', says('POST 的 token 在查询串里', 'the token of a POST in its query'), ground => [
    {
      answer: () =>
        ground.ask({
          ...requestFor(exit, { ...harmless(exit), token: undefined }),
          query: [['token', ground.choice.token]],
        }),
      expect: refusal(exit, exit.refusals['bot-unknown']),
    },
  ]),
]
