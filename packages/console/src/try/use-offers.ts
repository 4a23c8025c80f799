import { useDebouncedValue } from '@mantine/hooks'
import { useVerb } from '../api/use-verb.ts'
import { useWorkspaceId } from '../frame/url-state.ts'
import type { Offered } from './fields.ts'

const OFFERS_MAX = 50
const ASK_AFTER_MS = 200
/** Of people. */
const AN_ID = /^[\w.:@-]{6,}$/

/** By an id, or by how a name begins; the first of them where nothing was typed. */
const whom = (sought: string): { id?: string; name?: string } =>
  sought === '' ? {} : AN_ID.test(sought) ? { id: sought } : { name: sought }

export interface Offer {
  readonly value: string
  readonly label: string
}

/** Ids that fit what is typed, each with its name; asked only where somebody is about to choose. */
export function useOffers(offered: Offered | undefined, typed: string, enabled: boolean): readonly Offer[] {
  const workspace = useWorkspaceId()
  const [sought] = useDebouncedValue(typed, ASK_AFTER_MS)
  const isAsked = (...kinds: readonly Offered[]) => ({
    every: false as const,
    enabled: enabled && offered !== undefined && kinds.includes(offered),
  })
  const bots = useVerb('list-bots', { workspace }, isAsked('bot'))
  const tags = useVerb('list-tags', { workspace }, isAsked('tag'))
  const rooms = useVerb(
    'list-chats',
    { workspace, limit: OFFERS_MAX, ...(sought ? { search: sought } : {}) },
    isAsked('room'),
  )
  const people = useVerb(
    'list-contacts',
    { workspace, limit: OFFERS_MAX, ...whom(sought) },
    isAsked('contact', 'coworker', 'unionId'),
  )
  const contacts = people.data?.contacts ?? []
  switch (offered) {
    case 'bot':
      return (bots.data?.bots ?? []).flatMap(({ account, expectedUserId }) => {
        const userId = account?.userId ?? expectedUserId
        return userId ? [{ value: userId, label: account?.nickName ?? userId }] : []
      })
    case 'tag':
      return (tags.data?.tags ?? []).map(({ id, name }) => ({ value: id, label: name }))
    case 'room':
      return (rooms.data?.chats ?? []).map(({ roomWxid, topic }) => ({ value: roomWxid, label: topic }))
    case 'contact':
      return contacts.map(({ wxid, name }) => ({ value: wxid, label: name }))
    case 'coworker':
      return contacts.flatMap(({ userId, name }) => (userId ? [{ value: userId, label: name }] : []))
    case 'unionId':
      return contacts.flatMap(({ unionId, name }) => (unionId ? [{ value: unionId, label: name }] : []))
    case undefined:
      return []
    default:
      return offered satisfies never
  }
}
