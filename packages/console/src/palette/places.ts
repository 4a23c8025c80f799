import type { MatchRecord } from '@qunhub/wire'
import type { PageName } from '../frame/pages.ts'
import type { Search } from '../frame/search-text.ts'
import type { Words } from '../words/words.ts'

/** Where something is to be seen. */
export interface Place {
  readonly key: string
  readonly kind: keyof Words['palette']['kinds']
  readonly name: string
  readonly about: string
  /** Behind the workspace. */
  readonly page: string
  readonly search: Search
}

/** Each kind on its page, opened where there is something to open. */
export function placeOf({ kind, id, name, about }: MatchRecord): Place {
  const at = (page: string, search: Search = {}): Place => ({
    ...{ key: `${kind} ${id}`, kind, name: name || id, about, page, search },
  })
  switch (kind) {
    case 'bot':
      return at(`bots/${id}`)
    case 'room':
      return at('rooms', { ...(name ? { topic: name } : {}), open: id })
    case 'contact':
      return at('contacts', { id })
    case 'callback':
      return { ...at('callbacks', { open: id }), name: `#${id} ${name}` }
    case 'request':
      return at('requests', { open: id })
    case 'tag':
      return at('tags')
    case 'token':
      return at('tokens')
    default:
      return kind satisfies never
  }
}

/** Where the rooms are looked through that were not, or are shown that are too many here. */
export const moreRoomsPlace = (sought: string, { palette: say }: Words): Place => ({
  ...{ key: 'more rooms', kind: 'room', name: say.moreRooms(sought), about: say.moreRoomsWhy },
  ...{ page: 'rooms', search: { topic: sought } },
})

/** The pages whose name, in the language that is shown or in the address, has the text; all of them where there is none. */
export function pagesThatFit(text: string, pages: readonly PageName[], words: Words): readonly Place[] {
  const { pages: names } = words.frame
  const sought = text.trim().toLowerCase()
  return pages
    .filter(page => names[page].toLowerCase().includes(sought) || page.toLowerCase().includes(sought))
    .map(page => ({
      ...{ key: `page ${page}`, kind: 'page' as const, name: names[page], about: '' },
      ...{ page, search: {} },
    }))
}
