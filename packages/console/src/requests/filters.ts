import type { VerbAsk } from '@qunhub/wire'
import type { Search } from '../frame/search-text.ts'

export type RequestFilter = Omit<VerbAsk<'list-requests'>, 'workspace' | 'limit' | 'before'>

const CODE = /^-?\d{1,3}$/

/** What an address chooses. What it says and nobody understands is no filter. */
export function readFilter(search: Search): RequestFilter {
  const { endpoint, code = '', token, request, outcome } = search
  return {
    ...(endpoint ? { endpoint } : {}),
    ...(CODE.test(code) ? { code: Number(code) } : {}),
    ...(outcome === 'refused' ? { refused: true } : {}),
    ...(token ? { tokenId: token } : {}),
    ...(request ? { requestId: request } : {}),
  }
}

/** Takes every filter out of the address, and what goes with them. */
export const NO_FILTER = {
  ...{ endpoint: undefined, code: undefined, outcome: undefined, token: undefined, request: undefined },
  ...{ before: undefined, open: undefined },
}

export const isFiltered = (filter: RequestFilter): boolean => Object.keys(filter).length > 0
