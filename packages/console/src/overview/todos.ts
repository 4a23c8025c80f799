import type { AddressRecord, BotRecord } from '@qunhub/wire'
import { nameOf, needsSomebody, sentenceOf, standingOf, type Tone } from '../bots/standing.ts'
import type { Search } from '../frame/search-text.ts'
import { showCount } from '../show/moment.ts'
import type { Words } from '../words/words.ts'

export interface Todo {
  readonly key: string
  readonly tone: Tone
  readonly tag: string
  readonly what: string
  readonly why: string
  readonly page: string
  readonly search?: Search
}

interface Known {
  readonly bots: readonly BotRecord[]
  /** Null where none is set; undefined while it is not known. */
  readonly address: AddressRecord | null | undefined
  /** So many, or more where they were too many to be counted. */
  readonly parked: { readonly count: number; readonly atLeast: boolean }
}

/** More than this nobody reads; what is shown is done first. */
const TODOS_MAX = 5

/** What somebody has to do, what hurts most first, each with one place to go. */
export function todosOf({ bots, address, parked }: Known, words: Words): Todo[] {
  const { bots: ofBots, pages, address: ofAddress, callbacks } = words
  const { todos } = pages.overview
  const held: Todo[] =
    address && address.breaker !== 'closed'
      ? [
          {
            key: 'breaker',
            tone: 'bad',
            tag: ofAddress.breakers[address.breaker],
            what: todos.breaker,
            why: todos.breakerWhy,
            page: 'address',
          },
        ]
      : []
  const unwell = bots
    .filter(({ session }) => needsSomebody(session))
    .map(bot => {
      const { tone, word } = standingOf(bot.session, ofBots)
      return {
        key: bot.id,
        tone,
        tag: word,
        what: nameOf(bot),
        why: sentenceOf(bot.session, ofBots),
        page: `bots/${bot.id}`,
      }
    })
  const count = `${showCount(parked.count)}${parked.atLeast ? '+' : ''}`
  const stuck: Todo[] =
    parked.count > 0
      ? [
          {
            ...{ key: 'parked', tone: 'bad', tag: callbacks.states.parked, what: todos.parked(count) },
            ...{ why: todos.parkedWhy, page: 'callbacks', search: { state: 'parked' } },
          },
        ]
      : []
  return [...held, ...unwell.toSorted((a, b) => rank(a) - rank(b)), ...stuck].slice(0, TODOS_MAX)
}

const rank = ({ tone }: Pick<Todo, 'tone'>): number => (tone === 'bad' ? 0 : 1)
