/**
 * What a list looked like when it was asked for last, by the request that asked: who asked, the chats with their revisions, and the
 * tag (LT-10). Nothing here is believed: it is so as long as the edition is the same, which is asked for each time.
 */
import type { IncomingMessage } from 'node:http'
import { LRUCache } from 'lru-cache'
import type { FoundCaller } from '../../store/workspaces/tokens.ts'
import type { RowsAnswer } from './write-rows.ts'

const BYTES_MAX = 8 * 1024 * 1024
/** Apart, for they are long: who asks for ever more of them pushes out no list. */
const PACKED_BYTES_MAX = 16 * 1024 * 1024
/** What a chat takes, and what a list takes besides. */
const CHAT_BYTES = 200
const LIST_BYTES = 1000
/** A longer one says more than lists are asked by. */
const REQUEST_LENGTH_MAX = 1000

export interface RememberedList extends Pick<RowsAnswer, 'chats' | 'tail'> {
  readonly token: string
  readonly edition: FoundCaller['edition']
  readonly etag: string
  /** In which the tag means something. */
  readonly run: string
  readonly route: string
}

export interface RememberedLists {
  find(request: IncomingMessage): RememberedList | undefined
  keep(request: IncomingMessage, list: RememberedList): void
  forget(request: IncomingMessage): void
  /** Its whole answer, packed: splicing it anew costs as much as all the rest. */
  packedOf(list: RememberedList): Buffer | undefined
  keepPacked(list: RememberedList, packed: Buffer): void
}

export function createRememberedLists(): RememberedLists {
  const lists = new LRUCache<string, RememberedList>({
    maxSize: BYTES_MAX,
    sizeCalculation: ({ chats }) => LIST_BYTES + chats.length * CHAT_BYTES,
  })
  const packed = new LRUCache<RememberedList, Buffer>({
    maxSize: PACKED_BYTES_MAX,
    sizeCalculation: ({ length }, { chats }) => length + LIST_BYTES + chats.length * CHAT_BYTES,
  })
  return {
    find: request => lists.get(nameOf(request)),
    keep(request, list) {
      const name = nameOf(request)
      if (name.length <= REQUEST_LENGTH_MAX) lists.set(name, list)
    },
    forget: request => void lists.delete(nameOf(request)),
    packedOf: list => packed.get(list),
    keepPacked: (list, bytes) => void packed.set(list, bytes),
  }
}

/** All that the answer hangs on, but for what has changed since. */
const nameOf = ({ url = '', headers: { authorization } }: IncomingMessage): string =>
  authorization === undefined ? url : `${url} ${authorization}`
