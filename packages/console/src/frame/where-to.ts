import type { PageName } from './pages.ts'
import type { Search } from './search-text.ts'

/** Where something that somebody typed or pasted is to be seen. Undefined where he typed nothing. */
export function whereTo(typed: string): { readonly page: PageName; readonly search: Search } | undefined {
  const text = typed.trim()
  if (text === '') return undefined
  if (/^msg_[\w-]{24}$/.test(text)) return { page: 'callbacks', search: { open: text } }
  if (/^R:\S+$/.test(text)) return { page: 'callbacks', search: { room: text } }
  if (/^[0-9a-f]{24}$/.test(text)) return { page: 'rooms', search: { open: text } }
  return { page: 'rooms', search: { topic: text } }
}
